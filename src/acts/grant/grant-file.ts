/** Everything that an act on one grant needs: the grant and its items, and the case it came from, as they are now. */
import type { Grant, GrantItem, Viewing } from '../../domain/grant.ts';
import { type GrantId, type PersonId, subjectOf } from '../../domain/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Actor, Context, Loaded } from '../act.ts';
import { type CaseFile, loadCase, subjectsOf } from '../application/case-file.ts';
import { centresAbove } from '../permit.ts';

export interface GrantFile extends Loaded {
  readonly object: string;
  readonly grant: Grant;
  /** Those taken away are among them, with `endedSeq`. */
  readonly items: readonly GrantItem[];
  readonly file: CaseFile;
  /** Not ended. */
  readonly viewings: readonly Viewing[];
  /** The grant's centre and its parents. */
  readonly reach: ReadonlySet<string>;
}

/** The grant `id` with its case, or `not-found`. */
export async function loadGrant(
  id: GrantId,
  context: Pick<Context, 'deps' | 'now'>,
): Promise<GrantFile | Refusal> {
  const { reads } = context.deps;
  const grant = await reads.one('grant', { id });
  if (!grant) return refuse('not-found', { rule: 'R1' });
  const file = await loadCase(grant.applicationId, context);
  if (isRefusal(file)) return file.refused === 'not-found' ? refuse('integrity') : file;
  return {
    centre: grant.centreId,
    object: subjectOf('grant', id),
    grant,
    items: await reads.all('grantItem', { grantId: id }),
    file,
    viewings: await reads.all('viewing', { grantId: id, endedAt: null }),
    reach: new Set([grant.centreId, ...(await centresAbove(reads, grant.centreId))]),
  };
}

/** The grant if it is the actor's own; to anyone else there is none (R1, R40). */
export const ownOnly = (found: GrantFile | Refusal, actor: Actor): GrantFile | Refusal =>
  isRefusal(found) || found.grant.personId === actor.person ? found : refuse('not-found', { rule: 'R1' });

/** What the log names with every entry on this grant. */
export const grantSubjects = ({ grant, file }: Pick<GrantFile, 'grant' | 'file'>): string[] => [
  subjectOf('grant', grant.id),
  ...subjectsOf(file),
  subjectOf('person', grant.personId),
];

export type GrantRole = 'approver' | 'custodian' | 'security-officer';

/**
 * By which of the roles of 2.2 the actor may end or suspend this grant: they decided on the application or lead its
 * centre or one above, keep one of its items, or are security officer there. Undefined: to them there is no grant.
 */
export function roleOver({ grant, file, reach }: GrantFile, actor: Actor): GrantRole | undefined {
  const holds = (office: GrantRole): boolean =>
    actor.seats.some((seat) => seat.office === office && reach.has(seat.centreId));
  const person: PersonId | null = actor.person;
  const decided = file.decisions.some((one) => one.personId === person && one.outcome === 'approved');
  const leads = actor.seats.some(
    (seat) => seat.office === 'approver' && seat.unitId === null && reach.has(seat.centreId),
  );
  const ofUnit = actor.seats.some(
    (seat) => seat.office === 'approver' && seat.unitId !== null && seat.unitId === file.application.unitId,
  );
  if (holds('approver') && (decided || leads || ofUnit)) return 'approver';
  const keeps = file.items.some(
    (item) =>
      item.custodianId === person &&
      actor.seats.some((seat) => seat.office === 'custodian' && seat.centreId === grant.centreId),
  );
  if (keeps) return 'custodian';
  return holds('security-officer') ? 'security-officer' : undefined;
}
