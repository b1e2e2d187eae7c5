/** Ends all sessions of the acting person, this one too (R36, P12). */
import { z } from 'zod';
import { subjectOf } from '../../domain/ids.ts';
import type { Person, Session } from '../../domain/people.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { endAllSessions, liveSessions, openSessions } from '../ended-sessions.ts';
import { entry } from '../entry.ts';

const input = z.strictObject({});
interface State extends Loaded {
  readonly person: Person;
  readonly sessions: readonly Session[];
}

export const signOutEverywhere: Act<z.infer<typeof input>, State, { ended: number }> = {
  name: 'sign-out-everywhere',
  input,
  async load(_input, { actor, deps: { reads } }) {
    const person = actor.person ? await reads.one('person', { id: actor.person }) : undefined;
    if (!person) return refuse('sign-in-required');
    return { centre: null, person, sessions: await openSessions(reads, person.id) };
  },
  decide({ person, sessions }, _input, { now }) {
    const count = liveSessions(sessions, person, now).length;
    const { writes, endings } = endAllSessions(person, sessions, now, 'everywhere');
    return {
      entries: [entry('sessions.ended', [subjectOf('person', person.id)], { count, reason: 'everywhere' })],
      writes,
      endings,
      result: { ended: count },
    };
  },
};
