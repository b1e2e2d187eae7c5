import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SeatGroup } from '../../src/domain/application.ts';
import {
  type Candidate,
  eligible,
  type Lead,
  type Matter,
  mayFill,
  voteStanding,
} from '../../src/domain/eligibility.ts';
import { asId, type PersonId } from '../../src/domain/ids.ts';
import { defaultPolicies } from '../../src/domain/policies.ts';
import type { Stage } from '../../src/domain/policy.ts';
import {
  canBeDecided,
  countTrack,
  missingPersons,
  stagesFor,
  type Track,
  tally,
  tracksOf,
  type Vote,
} from '../../src/domain/quorum.ts';

const person = (name: string): PersonId => asId<'person'>(name);
const town = asId<'centre'>('town');
const county = asId<'centre'>('county');
const province = asId<'centre'>('province');
const elsewhere = asId<'centre'>('elsewhere');
const unit = asId<'unit'>('unit');

const lead = (centre = town, ofUnit: Lead['unit'] = null, since = 1): Lead => ({
  centre,
  unit: ofUnit,
  since,
});
const candidate = (name: string, more: Partial<Candidate> = {}): Candidate => ({
  person: person(name),
  active: true,
  bound: true,
  clearance: 'sensitive',
  leads: [lead()],
  ...more,
});
const matter = (more: Partial<Matter> = {}): Matter => ({
  class: 'ordinary',
  centre: town,
  above: [county, province],
  unit: { id: unit, centre: town },
  barred: new Set([person('requester')]),
  escalation: 0,
  ...more,
});
const C = (k = 1): Stage => ({ group: 'C', k });
const U = (k = 1): Stage => ({ group: 'U', k });
const P = (k = 1): Stage => ({ group: 'P', k });
const track = (...stages: Stage[]): Track => ({
  requirement: { ...defaultPolicies.view.ordinary, stages },
  stages,
  accepts: new Set([defaultPolicies.view.ordinary.policy]),
});
let seq = 10;
const nextSeq = (): number => {
  seq += 1;
  return seq;
};
const vote = (name: string, seat: SeatGroup, more: Partial<Vote> = {}): Vote => ({
  id: `${name}-${seat}`,
  personId: person(name),
  policyId: defaultPolicies.view.ordinary.policy,
  seat,
  createdSeq: nextSeq(),
  ...more,
});
const three = ['a', 'b', 'c'].map((name) => candidate(name));

describe('R2–R7: who may fill a seat', () => {
  const fills = (one: Candidate, more: Partial<Matter> = {}, stage = C()) =>
    mayFill(one, stage, matter(more), [one, ...three]);
  test('R2: an active, bound, cleared leader of the centre fills its seat', () => {
    expect(fills(candidate('d'))).toBe(true);
  });
  test.each([
    ['R2: who is not active', { active: false }],
    ['R2: who has not signed the current agreement', { bound: false }],
    ['R2: who is not cleared for the class', { clearance: 'ordinary' as const }],
    ['R2: who leads another centre', { leads: [lead(elsewhere)] }],
    ['R2: who leads nothing', { leads: [] }],
    ['R2: who leads only a unit', { leads: [lead(town, unit)] }],
  ])('%s fills no C seat', (_, more) => {
    expect(fills(candidate('d', more), { class: 'restricted' })).toBe(false);
  });
  test('R3, R5: whoever is party fills none, whatever they lead', () => {
    const everywhere = candidate('requester', { leads: [lead(), lead(county), lead(town, unit)] });
    for (const stage of [C(), U(), P()]) expect(fills(everywhere, {}, stage)).toBe(false);
  });
  test('R7: a unit outside the owning centre and its parents gives no seat', () => {
    const far = candidate('d', { leads: [lead(elsewhere, unit)] });
    expect(fills(far, { unit: { id: unit, centre: elsewhere } }, U())).toBe(false);
  });
  test('head: P is the parent centre, and without one another C leader', () => {
    const up = ['x', 'y'].map((name) => candidate(name, { leads: [lead(county)] }));
    expect(eligible(P(), matter(), [...three, ...up])).toEqual(['x', 'y']);
    expect(eligible(P(), matter({ above: [] }), three)).toEqual(['a', 'b', 'c']);
  });
  test('table 4: a centre that cannot seat k+1 names the group at its parent as well', () => {
    const up = ['x', 'y'].map((name) => candidate(name, { leads: [lead(county)] }));
    expect(eligible(C(2), matter(), [...three, ...up])).toEqual(['a', 'b', 'c']);
    expect(eligible(C(3), matter(), [...three, ...up])).toEqual(['a', 'b', 'c', 'x', 'y']);
    expect(eligible(C(1), matter(), [candidate('a'), ...up])).toEqual(['a', 'x', 'y']);
  });
  test('R51: escalation opens the seat to more persons and takes none away', () => {
    const unitLeads = ['u', 'v'].map((name) => candidate(name, { leads: [lead(town, unit)] }));
    const up = ['x', 'y'].map((name) => candidate(name, { leads: [lead(county)] }));
    const all = [...unitLeads, ...three, ...up];
    const at = (escalation: number, stage: Stage) => eligible(stage, matter({ escalation }), all);
    expect(at(0, U())).toEqual(['u', 'v']);
    expect(at(1, U())).toEqual(['u', 'v', 'a', 'b', 'c']);
    expect(at(2, U())).toEqual(['u', 'v', 'a', 'b', 'c', 'x', 'y']);
    expect(at(2, C())).toEqual(['a', 'b', 'c', 'x', 'y']);
  });
});

describe('R14, R41: which votes stand', () => {
  const cast = { personId: person('a'), seat: 'C' as const, createdSeq: 50 };
  test('R14: a vote counts while its author is eligible', () => {
    expect(voteStanding(cast, matter(), three)).toBe('counts');
  });
  test('R14: it rests while only a new agreement is unsigned', () => {
    expect(voteStanding(cast, matter(), [candidate('a', { bound: false })])).toBe('rests');
  });
  test.each([
    ['left', []],
    ['was suspended', [candidate('a', { active: false })]],
    ['lost the clearance', [candidate('a', { clearance: 'ordinary' as const })]],
    ['left and came back later', [candidate('a', { leads: [lead(town, null, 60)] })]],
  ])('R41: it is lost for good when its author %s', (_, candidates) => {
    expect(voteStanding(cast, matter({ class: 'restricted' }), candidates)).toBe('lost');
  });
});

describe('R6, R9, R10: counting', () => {
  test('X15, R6: one person fills one seat of a policy over all stages', () => {
    const count = countTrack(track(U(), C()), [vote('a', 'U'), vote('a', 'C')]);
    expect(count).toMatchObject({ filled: [1, 0], stage: 1 });
    expect(countTrack(track(C(2)), [vote('a', 'C'), vote('a', 'C')]).filled).toEqual([1]);
  });
  test('R9: a later stage does not complete an earlier one', () => {
    expect(countTrack(track(U(), C()), [vote('b', 'C')])).toMatchObject({ filled: [0, 1], stage: 0 });
  });
  test('R20: a vote under one policy counts in no other', () => {
    const foreign = vote('a', 'C', { policyId: asId('another') });
    expect(countTrack(track(C()), [foreign]).filled).toEqual([0]);
    const two = [track(C()), { ...track(C()), accepts: new Set([asId<'policy'>('another')]) }];
    expect(tally(two, [foreign]).complete).toBe(false);
    expect(tally(two, [foreign, vote('a', 'C')]).complete).toBe(true);
  });
  test('R18, I4: no policy, and a policy without a stage, are never complete', () => {
    expect(tally([], [vote('a', 'C')]).complete).toBe(false);
    expect(tally([track()], [vote('a', 'C')]).complete).toBe(false);
  });
  test('I4: a complete count has k distinct voters in every stage, whatever the votes', () => {
    const anyVote = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      seat: fc.constantFrom<SeatGroup>('U', 'C', 'P'),
    });
    const anyStage = fc.constantFrom(U(), C(), C(2), P());
    fc.assert(
      fc.property(
        fc.array(anyStage, { minLength: 1, maxLength: 3 }),
        fc.array(anyVote, { maxLength: 8 }),
        (stages, votes) => {
          const count = countTrack(
            track(...stages),
            votes.map(({ name, seat }) => vote(name, seat)),
          );
          const filled = count.filled.reduce((a, b) => a + b, 0);
          expect(filled).toBe(count.voters.size);
          expect(stages.every((stage, index) => Number(count.filled[index]) <= stage.k)).toBe(true);
          const full = stages.every((stage, index) => count.filled[index] === stage.k);
          expect(count.stage === stages.length).toBe(full);
        },
      ),
    );
  });
});

describe('R16, R21, X18: enough persons', () => {
  test('table 4: without a unit U falls away and one more C replaces it', () => {
    expect(stagesFor([U(), C(2)], false)).toEqual([C(), C(2)]);
    expect(stagesFor([U(), C(2)], true)).toEqual([U(), C(2)]);
    const [without] = tracksOf([defaultPolicies.view.restricted], [], false);
    expect(without?.stages).toEqual([C(), C()]);
  });
  test('X18, R21: fewer than k+1 eligible persons cannot decide, even if k would do', () => {
    const alone = matter({ above: [] });
    expect(canBeDecided([track(C())], alone, [candidate('a')])).toBe(false);
    expect(canBeDecided([track(C())], alone, [candidate('a'), candidate('b')])).toBe(true);
    expect(canBeDecided([track(C())], alone, [])).toBe(false);
    expect(canBeDecided([], alone, three)).toBe(false);
  });
  test('R16: two stages that only the same two persons could fill miss none, three seats miss one', () => {
    const both = ['a', 'b'].map((name) => candidate(name, { leads: [lead(), lead(town, unit)] }));
    const at = matter({ above: [] });
    expect(missingPersons(countTrack(track(U(), C()), []), at, both)).toBe(0);
    expect(missingPersons(countTrack(track(U(), C(2)), []), at, both)).toBe(1);
  });
  test('R16: who is barred fills no seat and is missed', () => {
    const at = matter({ above: [], barred: new Set([person('a'), person('b')]) });
    expect(missingPersons(countTrack(track(C(2)), []), at, three)).toBe(1);
  });
});
