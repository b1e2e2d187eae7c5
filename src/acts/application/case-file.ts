/**
 * Everything that a decision on one application needs, read after the head (L4.1): terms proved by their hash, the
 * items and the requester as they are now, the policies then and now, the approvers now, the votes.
 */
import type { Application, Decision, Offer, Terms } from '../../domain/application.ts';
import type { Candidate, Matter } from '../../domain/eligibility.ts';
import { type ApplicationId, type PersonId, subjectOf } from '../../domain/ids.ts';
import type { Item } from '../../domain/item.ts';
import type { Person, Posting } from '../../domain/people.ts';
import type { Requirement } from '../../domain/policies.ts';
import { type Track, tracksOf } from '../../domain/quorum.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { joinPolicies, type Limits, limitsOf } from '../../domain/stricter.ts';
import type { Context, Loaded } from '../act.ts';
import { centresAbove } from '../permit.ts';
import type { Reads } from '../ports/tables.ts';
import { highestClass, requirementsNow, submittedPolicies } from './requirements.ts';
import { candidatesAt, signers } from './roster.ts';
import { itemIds, openTerms, termsField } from './sealed-terms.ts';

/** The requester by data current at this moment. */
export interface Requester {
  readonly person: Person;
  readonly bound: boolean;
  /** The posting under which the application was made. */
  readonly posting: Posting;
}

export interface CaseFile extends Loaded {
  readonly object: string;
  readonly application: Application;
  readonly terms: Terms;
  readonly items: readonly Item[];
  readonly requester: Requester;
  readonly matter: Matter;
  readonly candidates: readonly Candidate[];
  readonly tracks: readonly Track[];
  readonly joined: readonly Requirement[];
  readonly limits: Limits;
  /** False where a policy of now names no stage: nothing may be decided under it (R18). */
  readonly sane: boolean;
  /** Decisions on the newest revision that were not taken back. */
  readonly decisions: readonly Decision[];
  readonly offer: Offer | undefined;
}

/** Persons who decide nothing here: requester, beneficiary, and whoever an item records as involved (R3). */
export function barredIn(requester: PersonId, terms: Terms, items: readonly Item[]): Set<PersonId> {
  const involved = items.flatMap((item) => JSON.parse(item.involved || '[]') as PersonId[]);
  return new Set([requester, terms.beneficiary, ...involved]);
}

async function loadRequester(reads: Reads, application: Application): Promise<Requester | undefined> {
  const person = await reads.one('person', { id: application.requesterId });
  const posting = await reads.one('posting', { id: application.postingId });
  if (!person || !posting) return undefined;
  return { person, posting, bound: (await signers(reads, [person.id])).has(person.id) };
}

/** What the rules need to know to find the seats of `application`, and the approvers to fill them. */
export async function loadMatter(
  { deps: { reads }, now }: Pick<Context, 'deps' | 'now'>,
  application: Pick<Application, 'centreId' | 'unitId' | 'requesterId' | 'escalation'>,
  terms: Terms,
  items: readonly Item[],
): Promise<{ matter: Matter; candidates: Candidate[] }> {
  const above = await centresAbove(reads, application.centreId);
  const unit = application.unitId ? await reads.one('unit', { id: application.unitId }) : undefined;
  const matter: Matter = {
    class: highestClass(new Set(items.map((item) => item.class))),
    centre: application.centreId,
    above,
    unit: unit ? { id: unit.id, centre: unit.centreId } : null,
    barred: barredIn(application.requesterId, terms, items),
    escalation: application.escalation,
  };
  const centres = [...new Set([application.centreId, ...above])];
  return { matter, candidates: await candidatesAt(reads, centres, now) };
}

/** The case file of `id` under its newest revision; `not-found` if there is none. */
export async function loadCase(
  id: ApplicationId,
  context: Pick<Context, 'deps' | 'now'>,
): Promise<CaseFile | Refusal> {
  const { deps } = context;
  const { reads } = deps;
  const application = await reads.one('application', { id });
  if (!application) return refuse('not-found', { rule: 'R1' });
  const revision = await reads.one('revision', { id: `${id}/${application.revision}` });
  const requester = await loadRequester(reads, application);
  if (!revision || !requester || revision.termsHash !== application.termsHash) return refuse('integrity');
  const field = termsField(application.revision);
  const terms = await openTerms(deps, id, field, revision.sealedTerms, revision.termsHash);
  if (isRefusal(terms)) return terms;
  const items = await reads.all('item', { id: { in: itemIds(terms) } });
  if (items.length !== terms.items.length) return refuse('integrity');
  const classes = new Set(items.map((item) => item.class));
  const now = await requirementsNow(reads, application.kind, application.centreId, classes);
  const joined = joinPolicies(submittedPolicies(revision), now.current);
  return {
    centre: application.centreId,
    object: subjectOf('application', id),
    application,
    terms,
    items,
    requester,
    ...(await loadMatter(context, application, terms, items)),
    tracks: tracksOf(joined, now.versions, application.unitId !== null),
    joined,
    limits: limitsOf(joined),
    sane: now.sane,
    decisions: await reads.all('decision', {
      applicationId: id,
      revision: application.revision,
      withdrawnSeq: null,
    }),
    offer: await reads.one('offer', { applicationId: id, state: 'open' }),
  };
}

/** What the log names with every entry on this application. */
export const subjectsOf = ({ application, items }: Pick<CaseFile, 'application' | 'items'>): string[] => [
  subjectOf('application', application.id),
  subjectOf('person', application.requesterId),
  subjectOf('centre', application.centreId),
  ...items.map((item) => subjectOf('item', item.id)),
];
