/** Takes back the own approval while the application is open (2.1); the seat is open again (R13). */
import { z } from 'zod';
import { applicationAfter } from '../../domain/application-machine.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { entrySeq, update } from '../ports/tables.ts';
import { type CaseFile, loadCase, subjectsOf } from './case-file.ts';
import { isClosed, overtaken } from './closing.ts';
import { countVotes } from './deciding.ts';
import { stageChange } from './staging.ts';

const input = z.strictObject({ application: idInput<'application'>() });

export const withdrawVote: Act<z.infer<typeof input>, CaseFile, { votes: number; needed: number }> = {
  name: 'withdraw-vote',
  input,
  load: ({ application }, context) => loadCase(application, context),
  decide(file, _input, moment) {
    const { application } = file;
    const { person, through } = moment.actor;
    if (!person || through !== 'session') return refuse('not-a-person', { rule: 'R8' });
    const own = file.decisions.filter((one) => one.personId === person && one.outcome === 'approved');
    if (own.length === 0) return refuse('not-found', { rule: 'R1' });
    if (isClosed(file)) return refuse('application-closed', { rule: 'R12' });
    const stopped = overtaken(file, moment);
    if (stopped) return stopped;
    const toState = applicationAfter(application.state, 'withdraw-vote');
    if (isRefusal(toState)) return toState;
    const rest = { ...file, decisions: file.decisions.filter((one) => !own.includes(one)) };
    const { tally } = countVotes(rest);
    const changed = stageChange(rest, tally, moment, own.length);
    const [first, ...more] = [
      ...own.map((decision) =>
        entry('decision.withdrawn', subjectsOf(file), {
          decision: decision.id,
          revision: application.revision,
          termsHash: application.termsHash,
          fromState: application.state,
          toState,
        }),
      ),
      ...changed.entries,
    ];
    if (!first) return refuse('not-found', { rule: 'R1' });
    return {
      entries: [first, ...more],
      writes: [
        ...own.map((decision, at) => update('decision', decision.id, { withdrawnSeq: entrySeq(at) })),
        ...changed.writes,
        ...changed.told.writes,
      ],
      notices: changed.told.notices,
      result: { votes: tally.votes, needed: tally.needed },
    };
  },
};
