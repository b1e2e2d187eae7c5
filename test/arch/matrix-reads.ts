/** The reads of the permission matrix: who sees a thing of the own centre. */
import { type Office, offices } from '../../src/domain/people.ts';
import type { Place } from '../api/world-http.ts';
import type { Ask, Things } from './matrix-acts.ts';

type Cell = 'decision' | 'office-missing' | 'not-found';

export interface Read {
  readonly ask: (things: Things) => Ask;
  readonly cell: (office: Office, place: Place) => Cell;
  /** Concerns whoever asks, and nothing in custody: needs no posting and no signature. */
  readonly anyone?: true;
}

const overseers: readonly Office[] = ['auditor', 'security-officer', 'system-administrator'];
const cataloguers: readonly Office[] = ['requester', 'approver', 'custodian', 'auditor'];

const all = (): Cell => 'decision';
const only =
  (allowed: readonly Office[]) =>
  (office: Office): Cell =>
    allowed.includes(office) ? 'decision' : 'office-missing';
/** A thing: whoever may see it there, and nobody else knows it. */
const seen =
  (table: Partial<Record<Office, readonly Place[]>>, asked: readonly Office[] = offices) =>
  (office: Office, place: Place): Cell => {
    if (!asked.includes(office)) return 'office-missing';
    return table[office]?.includes(place) ? 'decision' : 'not-found';
  };

const near: readonly Place[] = ['own'];
const above: readonly Place[] = ['own', 'parent'];
const watch: Read = {
  ask: ({ viewing }) => ({ ids: { id: viewing } }),
  cell: seen({ requester: near }, ['requester']),
};
const tus = { 'tus-resumable': '1.0.0' };

export const reads: Readonly<Record<string, Read>> = {
  'GET /api/v1/me': { ask: () => ({}), cell: all, anyone: true },
  'GET /api/v1/agreement': { ask: () => ({}), cell: all, anyone: true },
  'GET /api/v1/centres': { ask: () => ({}), cell: all, anyone: true },
  'GET /api/v1/people': { ask: () => ({}), cell: only(overseers) },
  'GET /api/v1/people/{id}': {
    ask: ({ victim }) => ({ ids: { id: victim.person } }),
    cell: seen(Object.fromEntries(overseers.map((office) => [office, above])), overseers),
  },
  'GET /api/v1/items': { ask: () => ({}), cell: only(cataloguers) },
  'GET /api/v1/items/{id}': {
    ask: ({ item }) => ({ ids: { id: item } }),
    cell: seen({ requester: near, approver: near, custodian: near, auditor: above }, cataloguers),
  },
  'GET /api/v1/intakes': { ask: () => ({}), cell: all },
  'GET /api/v1/applications': { ask: () => ({}), cell: all },
  'GET /api/v1/applications/{id}': {
    ask: ({ pending }) => ({ ids: { id: pending } }),
    cell: seen({ requester: near, approver: near, auditor: above }),
  },
  'POST /api/v1/outlooks': {
    ask: ({ item }) => ({ body: { kind: 'view', items: [{ item }], durationMs: 3_600_000 } }),
    cell: seen({ requester: near }, ['requester']),
  },
  'GET /api/v1/grants': { ask: () => ({}), cell: all },
  'GET /api/v1/grants/{id}': {
    ask: ({ grants }) => ({ ids: { id: grants.running } }),
    cell: seen({ requester: near, approver: above, custodian: near, 'security-officer': above }),
  },
  'GET /api/v1/log/entries': { ask: () => ({}), cell: only(['auditor']) },
  // An upload is its maker's alone, whatever office another person holds (X55).
  'HEAD /api/v1/intakes/{id}/content': {
    ask: ({ intake }) => ({ ids: { id: intake }, headers: tus }),
    cell: seen({ custodian: near }),
  },
  'PATCH /api/v1/intakes/{id}/content': {
    ask: ({ intake }) => ({
      ids: { id: intake },
      headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
      bytes: new Uint8Array(),
    }),
    cell: seen({ custodian: near }),
  },
  'GET /api/v1/viewings/{id}/content': watch,
  'HEAD /api/v1/viewings/{id}/content': watch,
  'GET /api/v1/events': { ask: () => ({}), cell: all, anyone: true },
};
