/**
 * What timers do for an open application that nobody decides (R16, R48, R51): votes that were lost are struck out,
 * the due time passed opens the seats to more persons, and a lack of persons is flagged. Never lowers k, skips a
 * stage or decides (R44).
 */
import { z } from 'zod';
import { applicationAfter } from '../../domain/application-machine.ts';
import { missingPersons } from '../../domain/quorum.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act, Entry } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { entrySeq, update } from '../ports/tables.ts';
import { type CaseFile, loadCase, subjectsOf } from './case-file.ts';
import { isClosed } from './closing.ts';
import { countVotes } from './deciding.ts';
import { discounted } from './discounting.ts';
import { currentDeciders } from './staging.ts';
import { tell } from './told.ts';

const input = z.strictObject({ application: idInput<'application'>() });
type Result = { readonly escalation: number; readonly stalled: boolean; readonly missing: number };

/** Highest step there is: 1 who stands next to the seat, 2 the parent centre. */
export const lastStep = 2;

/** The step that is due: one at the stage's due time, two once as much time again has passed (R51). */
export function stepDue(
  { stageDueAt, escalation }: CaseFile['application'],
  slaMs: number,
  now: number,
): number {
  if (stageDueAt === null || now < stageDueAt) return escalation;
  return Math.max(escalation, now < stageDueAt + slaMs ? 1 : lastStep);
}

/** How the application stands: persons missing for its open seats, and what should be changed about it. */
export function standOf(file: CaseFile, now: number) {
  const { tally, lost } = countVotes(file);
  const missingAt = (escalation: number): number =>
    Math.max(
      0,
      ...tally.counts.map((count) => missingPersons(count, { ...file.matter, escalation }, file.candidates)),
    );
  const due = stepDue(file.application, file.limits.slaMs, now);
  // A lack of persons does not wait for the due time (R16): the next step that helps is taken at once.
  let escalation = due;
  while (escalation < lastStep && missingAt(escalation) > 0) escalation += 1;
  const missing = missingAt(escalation);
  return { tally, lost, escalation, missing, stalled: missingAt(0) > 0 };
}

/** True if a timer has something to do here. */
export function needsEscalation(file: CaseFile, now: number): boolean {
  if (file.application.state !== 'pending') return false;
  const { lost, escalation, stalled } = standOf(file, now);
  return (
    lost.length > 0 || escalation !== file.application.escalation || stalled !== file.application.stalled
  );
}

export const escalateApplication: Act<z.infer<typeof input>, CaseFile, Result> = {
  name: 'escalate-application',
  input,
  load: ({ application }, context) => loadCase(application, context),
  decide(file, _input, moment) {
    const { application } = file;
    if (isClosed(file)) return refuse('application-closed', { rule: 'R12' });
    const allowed = applicationAfter(application.state, 'escalate');
    if (isRefusal(allowed)) return allowed;
    const { tally, lost, escalation, missing, stalled } = standOf(file, moment.now);
    const result = { escalation, stalled, missing };
    if (!needsEscalation(file, moment.now)) return { already: result };
    const struck = discounted(file, lost, 'not-eligible', 0);
    const facts = { stage: tally.stage, revision: application.revision, termsHash: application.termsHash };
    const entries: Entry[] = [...struck.entries];
    if (stalled && !application.stalled) {
      entries.push(entry('application.stalled', subjectsOf(file), { ...facts, missing }));
    }
    if (!stalled && application.stalled) {
      entries.push(entry('application.stall-cleared', subjectsOf(file), facts));
    }
    if (escalation > application.escalation) {
      entries.push(entry('application.escalated', subjectsOf(file), { ...facts, level: escalation }));
    }
    const [first, ...rest] = entries;
    const object = { kind: 'application', id: application.id };
    const widened = { ...file, matter: { ...file.matter, escalation } };
    const told = tell(moment, 'application.escalated', object, [
      application.requesterId,
      ...currentDeciders(widened, tally),
    ]);
    if (!first) return { already: result };
    return {
      entries: [first, ...rest],
      writes: [
        ...struck.writes,
        update('application', application.id, {
          escalation,
          stalled,
          stage: tally.stage,
          changedSeq: entrySeq(entries.length - 1),
        }),
        ...told.writes,
      ],
      notices: told.notices,
      result,
    };
  },
};
