/** Applications and decisions (D5, S8): every decision names the hash of the terms that were shown (R29, X14). */
import { z } from 'zod';
import { acceptOffer, declineOffer } from '../acts/application/answer-offer.ts';
import { approveApplication } from '../acts/application/approve-application.ts';
import { counterApplication } from '../acts/application/counter-application.ts';
import { createApplication } from '../acts/application/create-application.ts';
import { denyApplication } from '../acts/application/deny-application.ts';
import { resubmitApplication } from '../acts/application/resubmit-application.ts';
import { returnApplication } from '../acts/application/return-application.ts';
import { submitApplication } from '../acts/application/submit-application.ts';
import { withdrawApplication } from '../acts/application/withdraw-application.ts';
import { withdrawVote } from '../acts/application/withdraw-vote.ts';
import type { After } from '../acts/ports/lists.ts';
import { applicationStates } from '../domain/application.ts';
import { isRefusal } from '../domain/refusal.ts';
import { type ActRow, actRows } from './act-rows.ts';
import {
  applicationFor,
  centresDecided,
  decidedBy,
  outlookFor,
  presentApplication,
} from './application-reads.ts';
import type { Doors } from './doors.ts';
import { listOf, pageQuery, readPage } from './page.ts';
import { namesOf } from './people-reads.ts';
import { refused } from './problem.ts';
import { type App, readRoute, route } from './route.ts';
import { readerOf } from './session.ts';
import { readJson } from './strict-json.ts';
import { timesIn, timesOut } from './times.ts';

const tag = 'applications';
const id = z.string();
const hash = z.string();
const state = z.enum(applicationStates);
const time = z.iso.datetime();

const terms = z.object({
  kind: z.literal('view'),
  items: z.array(
    z.object({
      item: id,
      ranges: z
        .array(z.tuple([z.number(), z.number()]))
        .nullable()
        .optional(),
    }),
  ),
  purposeCode: z.string(),
  purposeWords: z.string(),
  legalBasis: z.string().optional(),
  documentNumber: z.string().optional(),
  durationMs: z.number().int(),
  notBefore: time.optional(),
  maxUses: z.number().int().optional(),
});
const reasons = { reasonCode: z.string(), reason: z.string() };
const said = z.object({ termsHash: hash, ...reasons });

const applicationSchema = z.object({
  id,
  number: z.string(),
  kind: z.string(),
  centre: id,
  requester: id,
  requesterName: z.string().nullable(),
  state,
  revision: z.number(),
  termsHash: hash,
  class: z.string(),
  stage: z.number(),
  dueAt: time.nullable(),
  timesOutAt: time.nullable(),
  stalled: z.boolean(),
  escalated: z.boolean(),
  createdAt: time,
  submittedAt: time.nullable(),
  closedAt: time.nullable(),
});

const stages = z.array(
  z.object({
    policy: id,
    version: z.number(),
    class: z.string(),
    stages: z.array(
      z.object({
        group: z.enum(['U', 'C', 'P']),
        needed: z.number(),
        given: z.number(),
        persons: z.array(z.object({ person: id, name: z.string().nullable() })),
      }),
    ),
  }),
);
const outlookSchema = z.object({
  termsHash: hash,
  policies: stages,
  limits: z.record(z.string(), z.unknown()),
  previousGrant: id.nullable(),
  refused: z.object({ code: z.string(), errors: z.array(z.unknown()) }).nullable(),
});

const submitted = z.object({ application: id, number: z.string(), state, termsHash: hash, dueAt: time });
const voted = z.object({ state, votes: z.number(), needed: z.number(), grant: id.nullable() });
const from = ['application'];
const rows: readonly ActRow[] = [
  {
    act: createApplication,
    path: '/applications',
    summary: 'Keep a draft.',
    body: terms,
    answer: z.object({ application: id, termsHash: hash }),
  },
  {
    act: submitApplication,
    path: '/applications/{id}/submission',
    from,
    summary: 'Submit a draft, as it was kept or with new terms.',
    body: z.object({ terms: terms.optional() }),
    answer: submitted,
  },
  {
    act: resubmitApplication,
    path: '/applications/{id}/resubmission',
    from,
    summary: 'Answer a return with a new revision.',
    body: z.object({ terms }),
    answer: submitted,
  },
  {
    act: withdrawApplication,
    path: '/applications/{id}/withdrawal',
    from,
    summary: 'Withdraw my application.',
    answer: z.object({ state }),
  },
  {
    act: approveApplication,
    path: '/applications/{id}/approval',
    from,
    summary: 'Approve exactly these terms; needs a step-up bound to them.',
    body: z.object({
      termsHash: hash,
      seat: z.enum(['U', 'C', 'P']).optional(),
      reasonCode: z.string().optional(),
      reason: z.string().optional(),
    }),
    answer: voted,
  },
  {
    act: denyApplication,
    path: '/applications/{id}/denial',
    from,
    summary: 'Deny, with a reason; closes the application (R11).',
    body: said,
    answer: z.object({ state }),
  },
  {
    act: returnApplication,
    path: '/applications/{id}/return',
    from,
    summary: 'Send back, saying what is missing.',
    body: said,
    answer: z.object({ state }),
  },
  {
    act: counterApplication,
    path: '/applications/{id}/counter-offer',
    from,
    summary: 'Offer narrower terms; counts as a vote for them alone.',
    body: z.object({ termsHash: hash, offer: terms.partial(), ...reasons }),
    answer: z.object({ state, offer: id, termsHash: hash, expiresAt: time }),
  },
  {
    act: withdrawVote,
    path: '/applications/{id}/vote-withdrawal',
    from,
    summary: 'Take my vote back.',
    answer: z.object({ votes: z.number(), needed: z.number() }),
  },
  {
    act: acceptOffer,
    path: '/applications/{id}/offers/{offer}/acceptance',
    from: ['application', 'offer'],
    summary: 'Take the narrower terms.',
    answer: z.object({ state, revision: z.number(), termsHash: hash, grant: id.nullable() }),
  },
  {
    act: declineOffer,
    path: '/applications/{id}/offers/{offer}/declination',
    from: ['application', 'offer'],
    summary: 'Leave the offer; the application goes on as it was.',
    answer: z.object({ state, revision: z.number(), termsHash: hash, grant: id.nullable() }),
  },
];

const query = z.strictObject({
  ...pageQuery,
  whose: z.enum(['mine', 'inbox']).default('mine'),
  state: listOf(applicationStates),
});

export function applicationRoutes(app: App, doors: Doors): void {
  actRows(app, doors, tag, rows);
  readRoute(
    app,
    doors,
    {
      method: 'get',
      path: '/api/v1/applications',
      tag,
      summary: 'My applications, or those that I may decide.',
      query,
      answer: z.object({ applications: z.array(applicationSchema), next: z.string().nullable() }),
    },
    async (c, actor) => {
      const whose = { list: `applications/${c.req.query('whose') ?? 'mine'}`, person: actor.person ?? '' };
      const page = await readPage<z.output<typeof query>, After<number>>(doors, c, query, whose);
      if (isRefusal(page)) return page;
      const inbox = page.query.whose === 'inbox';
      const centres = inbox ? await centresDecided(doors, actor) : undefined;
      if (isRefusal(centres)) return centres;
      const filter = inbox
        ? { centres, states: page.query.state ?? (['pending', 'countered'] as const) }
        : { requesterId: actor.person ?? undefined, states: page.query.state };
      const { rows: found, next } = await doors.lists.applications(filter, page.limit, page.after);
      const shown = inbox ? await decidedBy(doors, actor, found) : found;
      const names = await namesOf(
        doors.deps.reads,
        shown.map((application) => application.requesterId),
      );
      return {
        applications: shown.map((application) => presentApplication(application, names)),
        next: await page.mark(next),
      };
    },
  );
  route(
    app,
    {
      method: 'post',
      path: '/api/v1/outlooks',
      tag,
      summary:
        'Who would decide these terms, under which limits, and what stands in the way. Changes nothing.',
      body: terms,
      answer: outlookSchema,
    },
    async (c) => {
      const { jsonBytesMax: bytes, jsonDepthMax: depth, jsonBodyMs: ms } = doors.settings;
      const body = await readJson(c.req.raw, { bytes, depth, ms });
      if (isRefusal(body)) return refused(c, body);
      const actor = await readerOf(doors, c);
      if (isRefusal(actor)) return refused(c, actor);
      const outlook = await outlookFor(doors, actor, timesIn(body as Record<string, unknown>));
      return isRefusal(outlook) ? refused(c, outlook) : c.json(timesOut(outlook) as object);
    },
  );
  const one = {
    method: 'get',
    path: '/api/v1/applications/{id}',
    tag,
    summary: 'One application: the hashed terms, items, votes, decisions, grant.',
    answer: applicationSchema.extend({
      terms,
      items: z.array(
        z.object({
          id,
          number: z.string(),
          kind: z.string(),
          class: z.string(),
          title: z.string().nullable(),
        }),
      ),
      stages,
      votes: z.object({ given: z.number(), needed: z.number(), complete: z.boolean() }),
      allowed: z.record(z.string(), z.unknown()),
      decisions: z.array(
        z.object({
          id,
          person: id,
          name: z.string().nullable(),
          seat: z.string(),
          outcome: z.string(),
          decidedAt: time,
          counts: z.boolean(),
        }),
      ),
      offer: z.object({ id, by: id, termsHash: hash, expiresAt: time }).nullable(),
      grant: z.object({ id, number: z.string(), state: z.string() }).nullable(),
    }),
  } as const;
  readRoute(app, doors, one, (c, actor) => applicationFor(doors, actor, c.req.param('id') ?? ''));
}
