/** First run, signing in and out, step-up, agreement: what concerns a person's own account (R24, X40–X46, X68). */
import type { Context } from 'hono';
import { z } from 'zod';
import { changePassword } from '../acts/access/change-password.ts';
import type { NewSession } from '../acts/access/new-session.ts';
import { proveStepUp } from '../acts/access/prove-step-up.ts';
import { setUp } from '../acts/access/set-up.ts';
import { signAgreement } from '../acts/access/sign-agreement.ts';
import { signIn } from '../acts/access/sign-in.ts';
import { signOut } from '../acts/access/sign-out.ts';
import { signOutEverywhere } from '../acts/access/sign-out-everywhere.ts';
import type { Actor } from '../acts/act.ts';
import type { Doors } from './doors.ts';
import type { Env } from './env.ts';
import { type App, actRoute, readRoute } from './route.ts';
import { endSession, giveSession } from './session.ts';

const tag = 'account';
const id = z.string();
const time = z.iso.datetime();

/** The token goes into the cookie and nowhere else. */
function inCookie<R extends NewSession>(result: R, c: Context<Env>): Omit<R, 'token' | 'session'> {
  giveSession(c, result.token);
  const { token: _token, session: _session, ...rest } = result;
  return rest;
}

const seat = z.object({ office: z.string(), centre: id, unit: id.nullable(), posting: id, assignment: id });

async function me(doors: Doors, actor: Actor) {
  const { reads } = doors.deps;
  const person = actor.person ? await reads.one('person', { id: actor.person }) : undefined;
  const session = actor.session ? await reads.one('session', { id: actor.session }) : undefined;
  const account = session ? await reads.one('account', { id: session.accountId }) : undefined;
  return {
    person: { id: person?.id, name: person?.name, home: person?.home, clearance: person?.clearance },
    account: { id: account?.id, name: account?.name, mustChange: account?.mustChange },
    seats: actor.seats.map((held) => ({
      office: held.office,
      centre: held.centreId,
      unit: held.unitId,
      posting: held.postingId,
      assignment: held.id,
    })),
    bound: actor.bound,
    sessionEndsAt: session?.endsAt,
  };
}

async function agreement(doors: Doors, actor: Actor) {
  const [current] = await doors.deps.reads.all(
    'agreement',
    {},
    { orderBy: 'version', descending: true, limit: 1 },
  );
  if (!current) return { version: 0, text: '', textHash: '', signed: false };
  const { version, text, textHash } = current;
  return { version, text, textHash, signed: actor.bound };
}

export function accountRoutes(app: App, doors: Doors): void {
  actRoute(app, doors, setUp, {
    method: 'post',
    path: '/api/v1/setup',
    tag,
    summary: 'First run, once: the first centre, the agreement and three different administrators.',
    body: setUp.input,
    status: 201,
    answer: z.object({ centre: id, persons: z.record(z.string(), id), agreementVersion: z.number() }),
  });
  signInRoutes(app, doors);
  readRoute(
    app,
    doors,
    {
      method: 'get',
      path: '/api/v1/me',
      tag,
      summary: 'Who I am, what I hold now, and until when this session lasts.',
      answer: z.object({
        person: z.object({ id, name: z.string(), home: z.string(), clearance: z.string() }),
        account: z.object({ id, name: z.string(), mustChange: z.boolean() }),
        seats: z.array(seat),
        bound: z.boolean(),
        sessionEndsAt: time,
      }),
    },
    (_c, actor) => me(doors, actor),
    'account',
  );
  readRoute(
    app,
    doors,
    {
      method: 'get',
      path: '/api/v1/agreement',
      tag,
      summary: 'The confidentiality agreement in force, and whether I signed it.',
      answer: z.object({ version: z.number(), text: z.string(), textHash: z.string(), signed: z.boolean() }),
    },
    (_c, actor) => agreement(doors, actor),
    'session',
  );
  actRoute(app, doors, signAgreement, {
    method: 'post',
    path: '/api/v1/agreement/signatures',
    tag,
    summary: 'Sign the agreement in force.',
    body: signAgreement.input,
    status: 201,
    answer: z.object({ version: z.number() }),
  });
  actRoute(app, doors, proveStepUp, {
    method: 'post',
    path: '/api/v1/step-ups',
    tag,
    summary: 'Prove a second time who I am, for one act on one set of terms.',
    body: proveStepUp.input,
    status: 201,
    answer: z.object({ proof: id, until: time }),
  });
}

function signInRoutes(app: App, doors: Doors): void {
  const seenFrom = (c: Context<Env>) => {
    const address = c.env?.incoming?.socket.remoteAddress;
    return address ? { address } : {};
  };
  actRoute(
    app,
    doors,
    signIn,
    {
      method: 'post',
      path: '/api/v1/sessions',
      tag,
      summary: 'Sign in; the session is in a cookie.',
      body: z.object({ name: z.string(), password: z.string() }),
      status: 201,
      answer: z.object({ person: id, mustChange: z.boolean(), ended: z.number(), endsAt: time }),
    },
    {
      // The address is what the door saw; one that the caller states is a field it does not own (X4).
      input: (c, body) => ({ ...body, ...('address' in body ? { address: null } : seenFrom(c)) }),
      present: inCookie,
      secret: true,
      // A new id each time, and the old one is worth nothing (X40); one that was over already changes nothing.
      after: async (_result, c) => {
        if (c.get('session')) await doors.perform(signOut, c.get('caller'), {});
      },
    },
  );
  const out = (_result: unknown, c: Context<Env>) => {
    endSession(c);
    return _result;
  };
  actRoute(
    app,
    doors,
    signOut,
    {
      method: 'delete',
      path: '/api/v1/sessions/current',
      tag,
      summary: 'Sign out: this session and what runs under it ends.',
      answer: z.object({ ended: z.boolean() }),
    },
    { present: out },
  );
  actRoute(
    app,
    doors,
    signOutEverywhere,
    {
      method: 'delete',
      path: '/api/v1/sessions',
      tag,
      summary: 'Sign out everywhere.',
      answer: z.object({ ended: z.number() }),
    },
    { present: out },
  );
  actRoute(
    app,
    doors,
    changePassword,
    {
      method: 'post',
      path: '/api/v1/me/password',
      tag,
      summary: 'Change my password; other sessions end and this one is renewed.',
      body: changePassword.input,
      answer: z.object({ endsAt: time }),
    },
    { present: inCookie, secret: true },
  );
}
