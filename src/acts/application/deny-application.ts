/** One reasoned denial by a person eligible in any stage closes the application (R11). */
import { z } from 'zod';
import type { ApplicationState } from '../../domain/application.ts';
import { applicationAfter } from '../../domain/application-machine.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput, wordsInput } from '../input.ts';
import { type CaseFile, loadCase, subjectsOf } from './case-file.ts';
import { close } from './closing.ts';
import {
  admit,
  decisionFacts,
  decisionRow,
  decisionWrite,
  earlierDecision,
  isAdmitted,
  seatsAnywhere,
} from './deciding.ts';
import { reasonCodeInput } from './sealed-terms.ts';

const input = z.strictObject({
  application: idInput<'application'>(),
  termsHash: z.string().regex(/^[0-9a-f]{64}$/),
  reasonCode: reasonCodeInput(),
  reason: wordsInput(2000),
});

export const denyApplication: Act<z.infer<typeof input>, CaseFile, { state: ApplicationState }> = {
  name: 'deny-application',
  input,
  load: ({ application }, context) => loadCase(application, context),
  decide(file, said, moment) {
    const person = admit(file, 'denied', said, moment);
    if (!isAdmitted(person)) return person;
    const earlier = earlierDecision(file, person, 'denied');
    if (earlier === 'same') return { already: { state: file.application.state } };
    if (earlier === 'opposite') return refuse('opposite-vote', { rule: 'R13' });
    const allowed = applicationAfter(file.application.state, 'deny');
    if (isRefusal(allowed)) return allowed;
    const [seat] = seatsAnywhere(file, person);
    if (!seat) return refuse('office-missing', { rule: 'R2' });
    const row = decisionRow(file, person, seat, 'denied', said, moment, 0);
    const denied = entry('decision.denied', subjectsOf(file), decisionFacts(row, file), {
      reason: said.reason,
    });
    const closed = close(file, 'deny', moment, { before: [denied], reasonCode: said.reasonCode });
    if (isRefusal(closed)) return closed;
    return { ...closed, writes: [decisionWrite(row), ...closed.writes], result: { state: 'denied' } };
  },
};
