/** Sends an application back to its requester, saying what is missing (2.1); a new revision voids all votes (R26). */
import { z } from 'zod';
import type { ApplicationState } from '../../domain/application.ts';
import { applicationAfter } from '../../domain/application-machine.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput, wordsInput } from '../input.ts';
import { entrySeq, update } from '../ports/tables.ts';
import { type CaseFile, loadCase, subjectsOf } from './case-file.ts';
import {
  admit,
  countVotes,
  decisionFacts,
  decisionRow,
  decisionWrite,
  earlierDecision,
  isAdmitted,
  noSeat,
  seatsFor,
} from './deciding.ts';
import { reasonCodeInput } from './sealed-terms.ts';
import { tell } from './told.ts';

const input = z.strictObject({
  application: idInput<'application'>(),
  termsHash: z.string().regex(/^[0-9a-f]{64}$/),
  reasonCode: reasonCodeInput(),
  /** What is missing. */
  reason: wordsInput(2000),
});

export const returnApplication: Act<z.infer<typeof input>, CaseFile, { state: ApplicationState }> = {
  name: 'return-application',
  input,
  load: ({ application }, context) => loadCase(application, context),
  decide(file, said, moment) {
    const person = admit(file, 'returned', said, moment);
    if (!isAdmitted(person)) return person;
    const { application } = file;
    const earlier = earlierDecision(file, person, 'returned');
    if (earlier === 'same') return { already: { state: application.state } };
    if (earlier === 'opposite') return refuse('opposite-vote', { rule: 'R13' });
    const toState = applicationAfter(application.state, 'return');
    if (isRefusal(toState)) return toState;
    const { counts } = countVotes(file).tally;
    const [seat] = seatsFor(file, person, counts);
    if (!seat) return noSeat(file, person, counts);
    const row = decisionRow(file, person, seat, 'returned', said, moment, 0);
    const facts = decisionFacts(row, file);
    const { revision, termsHash } = application;
    const told = tell(moment, 'application.returned', { kind: 'application', id: application.id }, [
      application.requesterId,
    ]);
    return {
      entries: [
        entry('decision.returned', subjectsOf(file), facts, { reason: said.reason }),
        entry('application.returned', subjectsOf(file), {
          revision,
          termsHash,
          reasonCode: said.reasonCode,
          fromState: application.state,
          toState,
        }),
      ],
      writes: [
        decisionWrite(row),
        update('application', application.id, {
          state: toState,
          stageDueAt: null,
          ttlAt: moment.now + moment.settings.returnedTtlMs,
          stalled: false,
          changedSeq: entrySeq(1),
        }),
        ...told.writes,
      ],
      notices: told.notices,
      result: { state: toState },
    };
  },
};
