/** The security officer ends all sessions of a person, at once and without anyone's consent (R37, P12). */
import { z } from 'zod';
import { subjectOf } from '../../domain/ids.ts';
import type { Person, Session } from '../../domain/people.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { endAllSessions, liveSessions, openSessions } from '../ended-sessions.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { reachPerson } from './reached-person.ts';

const input = z.strictObject({ person: idInput<'person'>() });
interface State extends Loaded {
  readonly person: Person;
  readonly sessions: readonly Session[];
}

export const endSessions: Act<z.infer<typeof input>, State, { ended: number }> = {
  name: 'end-sessions',
  input,
  async load({ person: id }, context) {
    const reached = await reachPerson('end-sessions', id, context);
    if (isRefusal(reached)) return reached;
    const sessions = await openSessions(context.deps.reads, id);
    return { centre: reached.centre, object: subjectOf('person', id), person: reached.person, sessions };
  },
  decide({ person, sessions, object = '' }, _input, { now }) {
    const count = liveSessions(sessions, person, now).length;
    const ended = endAllSessions(person, sessions, now, 'ended-by-officer');
    return {
      entries: [entry('sessions.ended', [object], { count, reason: 'ended-by-officer' })],
      writes: ended.writes,
      endings: ended.endings,
      result: { ended: count },
    };
  },
};
