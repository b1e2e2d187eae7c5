/** Applications as their requester, those who may decide them and the auditors see them (R1, R29, R52). */
import type { Actor } from '../acts/act.ts';
import { allowedOnApplication } from '../acts/allowed-acts.ts';
import { type CaseFile, loadCase } from '../acts/application/case-file.ts';
import { countVotes, seatsAnywhere } from '../acts/application/deciding.ts';
import { outlookOf, type PolicyOutlook, progressOf } from '../acts/application/outlook.ts';
import { termsInput } from '../acts/application/sealed-terms.ts';
import { parseInput } from '../acts/input.ts';
import { permitOffice } from '../acts/permit.ts';
import type { Application, Decision } from '../domain/application.ts';
import { asId, type CentreId, type PersonId } from '../domain/ids.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Doors } from './doors.ts';
import { centresReached, namesOf } from './people-reads.ts';
import { readTime } from './session.ts';

export type View = 'requester' | 'decider' | 'auditor';

/** In which quality the actor may read this case; undefined: to them there is none. */
export async function viewOf(doors: Doors, actor: Actor, file: CaseFile): Promise<View | undefined> {
  const { application, decisions } = file;
  if (!actor.person) return undefined;
  if (application.requesterId === actor.person) return 'requester';
  const decided = decisions.some((decision) => decision.personId === actor.person);
  if (decided || seatsAnywhere(file, actor.person).length > 0) return 'decider';
  const audited = await centresReached(doors.deps.reads, actor, ['auditor']);
  return audited.some((centre) => centre.id === application.centreId) ? 'auditor' : undefined;
}

/** One application whole: the hashed terms, the votes, the offer, the grant (R29). */
export async function applicationFor(doors: Doors, actor: Actor, id: string) {
  const now = await readTime(doors);
  const file = await loadCase(asId<'application'>(id), { deps: doors.deps, now });
  if (isRefusal(file)) return file;
  const view = await viewOf(doors, actor, file);
  if (!view) return refuse('not-found', { rule: 'R1' });
  const allowed = await allowedOnApplication(file.application.id, {
    deps: doors.deps,
    actor,
    now,
    prepared: undefined,
  });
  return { ...(await presentCase(doors, file, view)), allowed };
}

async function presentCase(doors: Doors, file: CaseFile, view: View) {
  const { application, terms, items, decisions, offer } = file;
  const { reads } = doors.deps;
  const all = await reads.all('decision', { applicationId: application.id }, { orderBy: 'createdSeq' });
  const names = await namesOf(reads, [application.requesterId, ...all.map((decision) => decision.personId)]);
  const titles = view === 'auditor' ? new Map() : await doors.titles.titles(items.map((item) => item.id));
  const grant = await reads.one('grant', { applicationId: application.id });
  const votes = countVotes(file).tally;
  // An auditor proves what happened; the requester's words are not theirs to read here (S4).
  const { purposeWords, ...shown } = terms;
  return {
    ...presentApplication(application, names),
    terms: { ...shown, ...(view === 'auditor' ? {} : { purposeWords }) },
    items: items.map((item) => ({
      id: item.id,
      number: item.number,
      kind: item.kind,
      class: item.class,
      title: titles.get(item.id) ?? null,
    })),
    votes: { given: votes.votes, needed: votes.needed, complete: votes.complete },
    stages: await namedPolicies(doors, progressOf(file)),
    decisions: all.map((decision) =>
      presentDecision(
        decision,
        names,
        decisions.some(({ id }) => id === decision.id),
      ),
    ),
    offer: offer
      ? { id: offer.id, by: offer.personId, termsHash: offer.termsHash, expiresAt: offer.expiresAt }
      : null,
    grant: grant ? { id: grant.id, number: grant.number, state: grant.state } : null,
  };
}

/** Policies with their stages, persons by id and name (portal, principle 3). */
async function namedPolicies(doors: Doors, policies: readonly PolicyOutlook[]) {
  const persons = policies.flatMap(({ stages }) => stages.flatMap((stage) => stage.persons));
  const names = await namesOf(doors.deps.reads, persons);
  return policies.map((policy) => ({
    ...policy,
    stages: policy.stages.map((stage) => ({
      ...stage,
      persons: stage.persons.map((person) => ({ person, name: names.get(person) ?? null })),
    })),
  }));
}

/** Who would decide these terms if they were sent now, and what stands in the way; promises nothing. */
export async function outlookFor(doors: Doors, actor: Actor, body: unknown) {
  const office = permitOffice('submit-application', actor);
  if (isRefusal(office)) return office;
  const terms = parseInput(termsInput, body);
  if (isRefusal(terms)) return terms;
  const now = await readTime(doors);
  const outlook = await outlookOf(terms, { deps: doors.deps, actor, now, prepared: undefined });
  if (isRefusal(outlook)) return outlook;
  const { refusal, ...rest } = outlook;
  const refused = refusal && { code: refusal.refused, errors: refusal.fields ?? [] };
  return { ...rest, policies: await namedPolicies(doors, outlook.policies), refused };
}

const presentDecision = (decision: Decision, names: ReadonlyMap<PersonId, string>, counts: boolean) => ({
  id: decision.id,
  revision: decision.revision,
  person: decision.personId,
  name: names.get(decision.personId) ?? null,
  seat: decision.seat,
  stage: decision.stage,
  outcome: decision.outcome,
  reasonCode: decision.reasonCode,
  decidedAt: decision.at,
  counts,
});

export const presentApplication = (application: Application, names: ReadonlyMap<PersonId, string>) => ({
  id: application.id,
  number: application.number,
  kind: application.kind,
  centre: application.centreId,
  requester: application.requesterId,
  requesterName: names.get(application.requesterId) ?? null,
  state: application.state,
  revision: application.revision,
  termsHash: application.termsHash,
  class: application.class,
  stage: application.stage,
  dueAt: application.stageDueAt,
  timesOutAt: application.ttlAt,
  stalled: application.stalled,
  escalated: application.escalation > 0,
  createdAt: application.createdAt,
  submittedAt: application.submittedAt,
  closedAt: application.closedAt,
});

/** Centres from which matters may come to this approver: their own and, for whoever leads one, those below. */
export async function centresDecided(doors: Doors, actor: Actor): Promise<CentreId[] | Refusal> {
  const seats = actor.seats.filter((seat) => seat.office === 'approver');
  if (seats.length === 0) return refuse('office-missing', { rule: 'R2' });
  const { reads } = doors.deps;
  const own = new Set(seats.map((seat) => seat.centreId));
  const below = await reads.all('centre', { parentId: { in: [...own] } });
  return [...new Set([...own, ...below.map((centre) => centre.id)])];
}

/** Those of `applications` that this approver may decide or has decided. */
export async function decidedBy(doors: Doors, actor: Actor, applications: readonly Application[]) {
  const now = await readTime(doors);
  const shown: Application[] = [];
  for (const application of applications) {
    const file = await loadCase(application.id, { deps: doors.deps, now });
    if (!isRefusal(file) && (await viewOf(doors, actor, file)) === 'decider') shown.push(application);
  }
  return shown;
}
