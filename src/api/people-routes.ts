/** Centres, people, postings and offices: what the two officers do, and what those who oversee may read. */
import { z } from 'zod';
import { addAccount } from '../acts/people/add-account.ts';
import { assignOffice } from '../acts/people/assign-office.ts';
import { confirmPerson } from '../acts/people/confirm-person.ts';
import { createCentre } from '../acts/people/create-centre.ts';
import { createPerson } from '../acts/people/create-person.ts';
import { createUnit } from '../acts/people/create-unit.ts';
import { endPosting } from '../acts/people/end-posting.ts';
import { endSessions } from '../acts/people/end-sessions.ts';
import { publishAgreement } from '../acts/people/publish-agreement.ts';
import { reinstatePerson } from '../acts/people/reinstate-person.ts';
import { removeOffice } from '../acts/people/remove-office.ts';
import { resetPassword } from '../acts/people/reset-password.ts';
import { startPosting } from '../acts/people/start-posting.ts';
import { suspendPerson } from '../acts/people/suspend-person.ts';
import { isRefusal } from '../domain/refusal.ts';
import { type ActRow, actRows } from './act-rows.ts';
import type { Doors } from './doors.ts';
import { centresReached, peopleOverseen, personOverseen, presentPerson } from './people-reads.ts';
import { type App, readRoute } from './route.ts';

const tag = 'people';
const id = z.string();
const personSchema = z.object({
  id,
  name: z.string(),
  home: z.string(),
  clearance: z.string(),
  state: z.string(),
  centre: id,
});

const words = z.object({ reason: z.string() });
const rows: readonly ActRow[] = [
  {
    act: createCentre,
    path: '/centres',
    summary: 'Create a centre below one.',
    body: createCentre.input,
    answer: z.object({ centre: id }),
  },
  {
    act: createUnit,
    path: '/centres/{id}/units',
    from: ['centre'],
    summary: 'Create a unit of a centre.',
    body: z.object({ name: z.string() }),
    answer: z.object({ unit: id }),
  },
  {
    act: createPerson,
    path: '/people',
    summary: 'Enter a person; the security officer confirms them.',
    body: createPerson.input,
    answer: z.object({ person: id, account: id, firstPassword: z.string() }),
    secret: true,
  },
  {
    act: confirmPerson,
    path: '/people/{id}/confirmation',
    from: ['person'],
    summary: 'Confirm a person.',
    answer: z.object({ state: z.string() }),
  },
  {
    act: suspendPerson,
    path: '/people/{id}/suspension',
    from: ['person'],
    summary: 'Suspend a person: sessions end, streams are cut, grants are suspended.',
    body: words,
    answer: z.object({ state: z.string() }),
  },
  {
    act: reinstatePerson,
    path: '/people/{id}/reinstatement',
    from: ['person'],
    summary: 'Reinstate a person; nothing they held revives (R41).',
    body: words,
    answer: z.object({ state: z.string() }),
  },
  {
    act: endSessions,
    path: '/people/{id}/sessions/end',
    from: ['person'],
    summary: 'End all sessions of a person.',
    answer: z.object({ ended: z.number() }),
  },
  {
    act: addAccount,
    path: '/people/{id}/accounts',
    from: ['person'],
    summary: 'Give a person another account.',
    body: z.object({ account: z.string() }),
    answer: z.object({ account: id, firstPassword: z.string() }),
    secret: true,
  },
  {
    act: resetPassword,
    path: '/accounts/{id}/password-reset',
    from: ['account'],
    summary: 'Reset a password.',
    answer: z.object({ firstPassword: z.string() }),
    secret: true,
  },
  {
    act: startPosting,
    path: '/people/{id}/postings',
    from: ['person'],
    summary: 'Post a person to a centre.',
    body: z.object({
      centre: id,
      unit: id.optional(),
      startsAt: z.iso.datetime(),
      endsAt: z.iso.datetime().optional(),
    }),
    answer: z.object({ posting: id }),
  },
  {
    act: endPosting,
    path: '/postings/{id}/end',
    from: ['posting'],
    summary: 'End a posting; its offices end with it.',
    answer: z.object({ offices: z.number() }),
  },
  {
    act: assignOffice,
    path: '/postings/{id}/offices',
    from: ['posting'],
    summary: 'Give an office under a posting.',
    body: z.object({ office: z.string(), unit: id.optional() }),
    answer: z.object({ assignment: id }),
  },
  {
    act: removeOffice,
    path: '/offices/{id}/removal',
    from: ['assignment'],
    summary: 'Take an office away.',
    body: z.object({ cause: z.enum(['ordinary', 'for-cause']) }),
    answer: z.object({ removed: z.boolean() }),
  },
  {
    act: publishAgreement,
    path: '/agreement',
    summary: 'Put a new confidentiality agreement into force.',
    body: publishAgreement.input,
    answer: z.object({ version: z.number(), textHash: z.string() }),
  },
];

export function peopleRoutes(app: App, doors: Doors): void {
  const { reads } = doors.deps;
  actRows(app, doors, tag, rows);
  readRoute(
    app,
    doors,
    {
      method: 'get',
      path: '/api/v1/centres',
      tag,
      summary: 'The centres that my offices reach, with their units.',
      answer: z.object({ centres: z.array(z.object({ id, parent: id.nullable(), name: z.string() })) }),
    },
    async (_c, actor) => {
      const centres = await centresReached(reads, actor);
      const units = await reads.all('unit', { centreId: { in: centres.map((centre) => centre.id) } });
      return {
        centres: centres.map((centre) => ({
          id: centre.id,
          parent: centre.parentId,
          name: centre.name,
          units: units
            .filter((unit) => unit.centreId === centre.id)
            .map(({ id: unit, name }) => ({ id: unit, name })),
        })),
      };
    },
    'session',
  );
  readRoute(
    app,
    doors,
    {
      method: 'get',
      path: '/api/v1/people',
      tag,
      summary: 'The people of the centres that I oversee.',
      answer: z.object({ people: z.array(personSchema) }),
    },
    async (_c, actor) => {
      const people = await peopleOverseen(reads, actor);
      return isRefusal(people) ? people : { people: people.map(presentPerson) };
    },
  );
  readRoute(
    app,
    doors,
    {
      method: 'get',
      path: '/api/v1/people/{id}',
      tag,
      summary: 'One person with accounts, postings, offices and signatures.',
      answer: personSchema,
    },
    (c, actor) => personOverseen(reads, actor, c.req.param('id') ?? ''),
  );
}
