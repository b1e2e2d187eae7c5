/**
 * What every new revision passes (R23–R30, R33, R34, X18): the items and policies of now, the approvers who could
 * decide it, and the chain of earlier grants that it continues.
 */
import type { Application, Terms } from '../../domain/application.ts';
import type { Candidate, Matter } from '../../domain/eligibility.ts';
import { asId, type ItemId, type PersonId } from '../../domain/ids.ts';
import type { Item } from '../../domain/item.ts';
import type { Requirement } from '../../domain/policies.ts';
import { canBeDecided, type Track, tracksOf } from '../../domain/quorum.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { joinPolicies, type Limits, limitsOf } from '../../domain/stricter.ts';
import { termsRefusal } from '../../domain/terms.ts';
import { type EarlierGrant, linkMs, linksAfter, previousGrant } from '../../domain/window.ts';
import type { Context } from '../act.ts';
import { loadMatter } from './case-file.ts';
import { requirementsNow, submittedPolicies } from './requirements.ts';
import { hashTerms, itemIds } from './sealed-terms.ts';

export interface Submission {
  readonly terms: Terms;
  readonly termsHash: string;
  readonly items: readonly Item[];
  /** Policies of now, with the seat that a long chain adds (R33). */
  readonly requirements: readonly Requirement[];
  readonly tracks: readonly Track[];
  readonly limits: Limits;
  readonly matter: Matter;
  readonly candidates: readonly Candidate[];
  readonly previous: EarlierGrant | undefined;
  /** False if a policy names no stage (R18). */
  readonly sane: boolean;
}

/** The items of `terms`; `not-found` for the whole request if one is missing or lies elsewhere (R1, X2). */
export async function itemsAt(
  { deps: { reads } }: Pick<Context, 'deps'>,
  terms: Terms,
): Promise<readonly Item[] | Refusal> {
  const items = await reads.all('item', { id: { in: itemIds(terms) } });
  const [first] = items;
  if (!first || items.length !== terms.items.length || items.some((one) => one.centreId !== first.centreId)) {
    return refuse('not-found', { rule: 'R1' });
  }
  return items;
}

/** Grants of `person` that may be the link before a new request, with the time at which each ended. */
async function earlierGrants(
  { deps, now }: Pick<Context, 'deps' | 'now'>,
  person: PersonId,
): Promise<EarlierGrant[]> {
  const grants = await deps.reads.all('grant', { personId: person });
  const near = grants.filter((grant) => now < (grant.notAfter ?? grant.absoluteEnd) + linkMs);
  if (near.length === 0) return [];
  const rows = await deps.reads.all('grantItem', { grantId: { in: near.map((grant) => grant.id) } });
  return Promise.all(
    near.map(async (grant) => ({
      grant,
      items: rows.filter((row) => row.grantId === grant.id).map((row) => row.itemId),
      endedAt: grant.state === 'ended' ? await loggedAt(deps.ledger, grant.changedSeq) : null,
    })),
  );
}

/** `at` of entry `seq`. */
async function loggedAt(ledger: Context['deps']['ledger'], seq: number): Promise<number> {
  const { bytes } = await ledger.entry(seq);
  const { at } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { at: number };
  return at;
}

/** Beyond the chain cap every policy asks for one more seat, of the parent centre (R33). */
const withChainSeat = (requirement: Requirement): Requirement => ({
  ...requirement,
  stages: [...requirement.stages, { group: 'P', k: 1 }],
});

/** The policies under which `previous` was applied for, as far as they concern `classes`: an extension meets them too. */
async function policiesBehind(
  { deps: { reads } }: Pick<Context, 'deps'>,
  previous: EarlierGrant | undefined,
  classes: ReadonlySet<Item['class']>,
): Promise<Requirement[]> {
  const grant = previous && (await reads.one('grant', { id: previous.grant.id }));
  const revision =
    grant &&
    (await reads.one('revision', { applicationId: grant.applicationId, termsHash: grant.termsHash }));
  return revision ? submittedPolicies(revision).filter((one) => classes.has(one.class)) : [];
}

/** Reads all that a submission of `terms` by the requester of `application` is judged by. */
export async function loadSubmission(
  context: Pick<Context, 'deps' | 'now'>,
  application: Pick<Application, 'centreId' | 'unitId' | 'requesterId' | 'kind'>,
  terms: Terms,
  items: readonly Item[],
): Promise<Submission> {
  const { deps } = context;
  const classes = new Set(items.map((item) => item.class));
  const policies = await requirementsNow(deps.reads, application.kind, application.centreId, classes);
  const wanted = new Set<ItemId>(itemIds(terms).map((id) => asId<'item'>(id)));
  const earlier = await earlierGrants(context, application.requesterId);
  const previous = previousGrant(earlier, application.requesterId, wanted, context.now);
  const long = linksAfter(previous) > deps.settings.chainCap;
  const asked = long ? policies.current.map(withChainSeat) : policies.current;
  const requirements = joinPolicies(await policiesBehind(context, previous, classes), asked);
  return {
    terms,
    termsHash: hashTerms(deps.digests, terms),
    items,
    requirements,
    tracks: tracksOf(requirements, policies.versions, application.unitId !== null),
    limits: limitsOf(requirements),
    ...(await loadMatter(context, { ...application, escalation: 0 }, terms, items)),
    previous,
    sane: policies.sane,
  };
}

/** Why this submission is refused; undefined if it stands. */
export function submissionRefusal(
  submission: Submission,
  clearance: Item['class'],
  now: number,
): Refusal | undefined {
  const { terms, items, limits, tracks, matter, candidates } = submission;
  if (items.some((item) => item.state !== 'held' || item.scan === 'infected')) {
    return refuse('item-not-available', { rule: 'R1' });
  }
  const refused = termsRefusal(terms, items, limits, clearance, now);
  if (refused) return refused;
  if (!submission.sane || !canBeDecided(tracks, matter, candidates)) {
    return refuse('nobody-to-decide', { rule: 'R21' });
  }
  return undefined;
}
