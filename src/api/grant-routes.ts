/** Grants: what I may open, what runs now, and ending it at any moment (D5, R36–R38). */
import { z } from 'zod';
import { confirmVote } from '../acts/grant/confirm-vote.ts';
import { relinquishGrant } from '../acts/grant/relinquish-grant.ts';
import { resumeGrant } from '../acts/grant/resume-grant.ts';
import { revokeGrant } from '../acts/grant/revoke-grant.ts';
import { suspendGrant } from '../acts/grant/suspend-grant.ts';
import type { After } from '../acts/ports/lists.ts';
import type { Office } from '../domain/people.ts';
import { isRefusal, refuse } from '../domain/refusal.ts';
import { type ActRow, actRows } from './act-rows.ts';
import type { Doors } from './doors.ts';
import { grantFor, presentGrant } from './grant-reads.ts';
import { listOf, pageQuery, readPage } from './page.ts';
import { centresReached, namesOf } from './people-reads.ts';
import { type App, readRoute } from './route.ts';

const tag = 'grants';
const id = z.string();
const time = z.iso.datetime().nullable();
const states = ['scheduled', 'active', 'suspended', 'ended'] as const;
const state = z.enum(states);
const reasons = { reasonCode: z.string(), reason: z.string() };

const grantSchema = z.object({
  id,
  number: z.string(),
  application: id,
  kind: z.string(),
  person: id,
  name: z.string().nullable(),
  centre: id,
  state,
  endReason: z.string().nullable(),
  durationMs: z.number(),
  notBefore: time,
  activateBy: time,
  absoluteEnd: time,
  startedAt: time,
  notAfter: time,
  uses: z.number(),
  maxUses: z.number().nullable(),
  stepUpAtStart: z.boolean(),
  termsHash: z.string(),
});

const from = ['grant'];
const status = 200;
const rows: readonly ActRow[] = [
  {
    act: revokeGrant,
    path: '/grants/{id}/revocation',
    from,
    status,
    summary: 'End a grant, whole or item by item; what runs under it is cut before the answer.',
    body: z.object({ items: z.array(id).optional(), ...reasons }),
    answer: z.object({ state, items: z.array(id) }),
  },
  {
    act: suspendGrant,
    path: '/grants/{id}/suspension',
    from,
    status,
    summary: 'Suspend a grant at once.',
    body: z.object(reasons),
    answer: z.object({ state }),
  },
  {
    act: resumeGrant,
    path: '/grants/{id}/resumption',
    from,
    status,
    summary: 'Let a suspended grant run again.',
    answer: z.object({ state }),
  },
  {
    act: relinquishGrant,
    path: '/grants/{id}/relinquishment',
    from,
    status,
    summary: 'Give my grant up.',
    answer: z.object({ state }),
  },
  {
    act: confirmVote,
    path: '/grants/{id}/confirmation',
    from,
    status,
    summary: 'Add a vote that is missing behind a grant.',
    body: z.object({
      termsHash: z.string(),
      reasonCode: z.string().optional(),
      reason: z.string().optional(),
    }),
    answer: z.object({ state, votes: z.number(), needed: z.number() }),
  },
];

/** Who may see what runs in a centre: those who may end it. */
const watchers: readonly Office[] = ['approver', 'custodian', 'security-officer'];

const query = z.strictObject({
  ...pageQuery,
  whose: z.enum(['mine', 'centre']).default('mine'),
  state: listOf(states),
});

export function grantRoutes(app: App, doors: Doors): void {
  actRows(app, doors, tag, rows);
  readRoute(
    app,
    doors,
    {
      method: 'get',
      path: '/api/v1/grants',
      tag,
      summary: 'My grants, or those of the centres where I may end them.',
      query,
      answer: z.object({ grants: z.array(grantSchema), next: z.string().nullable() }),
    },
    async (c, actor) => {
      const whose = { list: `grants/${c.req.query('whose') ?? 'mine'}`, person: actor.person ?? '' };
      const page = await readPage<z.output<typeof query>, After<number>>(doors, c, query, whose);
      if (isRefusal(page)) return page;
      const mine = page.query.whose === 'mine';
      if (!mine && !actor.seats.some((seat) => watchers.includes(seat.office)))
        return refuse('office-missing', { rule: 'R36' });
      const centres = mine ? [] : await centresReached(doors.deps.reads, actor, watchers);
      const filter = mine
        ? { personId: actor.person ?? undefined, states: page.query.state }
        : { centres: centres.map((centre) => centre.id), states: page.query.state };
      const { rows: found, next } = await doors.lists.grants(filter, page.limit, page.after);
      const names = await namesOf(
        doors.deps.reads,
        found.map((grant) => grant.personId),
      );
      return {
        grants: found.map((grant) => presentGrant(grant, names.get(grant.personId))),
        next: await page.mark(next),
      };
    },
  );
  readRoute(
    app,
    doors,
    {
      method: 'get',
      path: '/api/v1/grants/{id}',
      tag,
      summary: 'One grant with its items, running viewings, and what I may do with it.',
      answer: grantSchema.extend({
        items: z.array(
          z.object({
            id,
            number: z.string(),
            kind: z.string(),
            title: z.string().nullable(),
            mediaType: z.string(),
            durationMs: z.number().nullable(),
            ended: z.boolean(),
          }),
        ),
        viewings: z.array(z.object({ id, item: id, openedAt: z.iso.datetime(), secondsWatched: z.number() })),
        allowed: z.record(z.string(), z.unknown()),
      }),
    },
    (c, actor) => grantFor(doors, actor, c.req.param('id') ?? ''),
  );
}
