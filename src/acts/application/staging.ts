/** The clock of a stage: it starts anew when the next one is reached, and escalation starts over (2.1, R48). */
import { eligible } from '../../domain/eligibility.ts';
import type { PersonId } from '../../domain/ids.ts';
import type { Tally } from '../../domain/quorum.ts';
import type { Entry, Moment } from '../act.ts';
import { entry } from '../entry.ts';
import { entrySeq, update, type Write } from '../ports/tables.ts';
import { type CaseFile, subjectsOf } from './case-file.ts';
import { type Told, tell } from './told.ts';

/** Persons who could fill an open seat of the current stages. */
export const currentDeciders = (file: CaseFile, { counts }: Tally): PersonId[] => [
  ...new Set(
    counts.flatMap((count) => {
      const stage = count.track.stages[count.stage];
      return stage
        ? eligible(stage, file.matter, file.candidates).filter((person) => !count.voters.has(person))
        : [];
    }),
  ),
];

/** What a vote that leaves seats open changes; `at` is the place of its entry, if it has one. */
export function stageChange(
  file: CaseFile,
  count: Tally,
  moment: Moment,
  at: number,
): { readonly entries: Entry[]; readonly writes: Write[]; readonly told: Told } {
  const { application } = file;
  const object = { kind: 'application', id: application.id };
  if (count.stage === application.stage) {
    const told = tell(moment, 'decision.approved', object, [application.requesterId]);
    return {
      entries: [],
      writes: [update('application', application.id, { changedSeq: entrySeq() })],
      told,
    };
  }
  const dueAt = moment.now + file.limits.slaMs;
  const ahead = count.stage > application.stage;
  return {
    entries: ahead
      ? [
          entry('application.stage-completed', subjectsOf(file), {
            stage: application.stage,
            dueAt,
            revision: application.revision,
            termsHash: application.termsHash,
          }),
        ]
      : [],
    writes: [
      update('application', application.id, {
        stage: count.stage,
        stageDueAt: dueAt,
        escalation: 0,
        stalled: false,
        changedSeq: ahead ? entrySeq(at) : entrySeq(),
      }),
    ],
    told: tell(moment, 'application.stage-completed', object, [
      application.requesterId,
      ...currentDeciders(file, count),
    ]),
  };
}
