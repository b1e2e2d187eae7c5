import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asId } from '../../src/domain/ids.ts';
import type { itemClasses } from '../../src/domain/item.ts';
import { defaultPolicies, isSane, matchingPolicies, type Requirement } from '../../src/domain/policies.ts';
import type { Policy, Stage } from '../../src/domain/policy.ts';
import { joinPolicies, joinTwo, limitsOf, stagesCover } from '../../src/domain/stricter.ts';

const hour = 3_600_000;
const centre = asId<'centre'>('c1');
const row = (more: Partial<Policy>): Policy => ({
  id: asId('p1'),
  centreId: null,
  kind: 'view',
  class: 'ordinary',
  version: 2,
  stages: '[{"group":"C","k":2}]',
  durationDefaultMs: hour,
  durationCapMs: 2 * hour,
  requestTtlMs: hour,
  slaMs: hour,
  startTtlMs: hour,
  stepUpAtStart: false,
  maxUses: null,
  createdSeq: 1,
  replacedSeq: null,
  ...more,
});
const requirement = (stages: readonly Stage[], more: Partial<Requirement> = {}): Requirement => ({
  ...defaultPolicies.view.ordinary,
  stages,
  ...more,
});
const classes = (...all: (typeof itemClasses)[number][]) => new Set(all);

describe('table 4: what holds for viewing where nothing else was decided', () => {
  test.each([
    ['ordinary', 'C1', 24, 168, false, null],
    ['restricted', 'U1→C1', 8, 72, true, null],
    ['sensitive', 'U1→C2', 2, 24, true, 1],
  ] as const)('table 4: %s items need %s', (itemClass, stages, usual, cap, stepUp, uses) => {
    const policy = defaultPolicies.view[itemClass];
    expect(policy.stages.map(({ group, k }) => `${group}${k}`).join('→')).toBe(stages);
    expect(policy.durationDefaultMs).toBe(usual * hour);
    expect(policy.durationCapMs).toBe(cap * hour);
    expect([policy.stepUpAtStart, policy.maxUses]).toEqual([stepUp, uses]);
    expect([policy.requestTtlMs, policy.slaMs, policy.startTtlMs]).toEqual([72 * hour, 24 * hour, 72 * hour]);
  });
});

test('R20: items of several classes meet the policy of each class, side by side', () => {
  const matching = matchingPolicies([], 'view', centre, classes('ordinary', 'sensitive'));
  expect(matching.map((one) => one.class)).toEqual(['ordinary', 'sensitive']);
  expect(limitsOf(matching)).toMatchObject({ durationCapMs: 24 * hour, stepUpAtStart: true, maxUses: 1 });
});

test('table 4: a row of the centre wins over one for all, and that over the default; replaced rows win nothing', () => {
  const common = row({ id: asId('common') });
  const own = row({ id: asId('own'), centreId: centre });
  const old = row({ id: asId('old'), centreId: centre, replacedSeq: 9 });
  const other = row({ id: asId('other'), centreId: asId('c2') });
  const found = (...rows: Policy[]) =>
    matchingPolicies(rows, 'view', centre, classes('ordinary'))[0]?.policy as string;
  expect(found(common, own)).toBe('own');
  expect(found(common, other)).toBe('common');
  expect(found(old, other)).toBe('default-view-ordinary');
});

test.each(['[]', '', 'null', '[{"group":"C","k":0}]', '[{"group":"X","k":1}]', '[{"group":"C","k":1},{}]'])(
  'R18, X18: a policy whose stages are %j admits nobody',
  (stages) => {
    const [found] = matchingPolicies([row({ stages })], 'view', centre, classes('ordinary'));
    expect(found && isSane(found)).toBe(false);
  },
);

describe('R19, X22: the stricter of then and now', () => {
  test('R19: a loosened policy helps nothing that waits', () => {
    const then = requirement([{ group: 'C', k: 2 }], { durationCapMs: 10, maxUses: 1, stepUpAtStart: true });
    const now = requirement([{ group: 'C', k: 1 }], { durationCapMs: 99, maxUses: null });
    expect(joinTwo(then, now)).toMatchObject([
      { stages: [{ group: 'C', k: 2 }], durationCapMs: 10, maxUses: 1, stepUpAtStart: true },
    ]);
  });
  test('R19: a tightened policy binds what waits', () => {
    const then = requirement([{ group: 'C', k: 1 }]);
    const now = requirement([
      { group: 'U', k: 1 },
      { group: 'C', k: 1 },
    ]);
    expect(joinTwo(then, now)).toMatchObject([{ stages: now.stages }]);
  });
  test('R19: where neither covers the other, both must be met', () => {
    const then = requirement([{ group: 'C', k: 2 }]);
    const now = requirement([
      { group: 'C', k: 1 },
      { group: 'P', k: 1 },
    ]);
    expect(joinTwo(then, now).map((one) => one.stages)).toEqual([then.stages, now.stages]);
  });
  test('R20: a class that joined later adds its policy and frees nothing', () => {
    const joined = joinPolicies([defaultPolicies.view.ordinary], [defaultPolicies.view.sensitive]);
    expect(joined.map((one) => one.class)).toEqual(['ordinary', 'sensitive']);
  });

  const stage = fc.record({ group: fc.constantFrom('U', 'C', 'P'), k: fc.integer({ min: 1, max: 3 }) });
  const anyRequirement = fc
    .record({
      stages: fc.array(stage, { minLength: 1, maxLength: 4 }),
      cap: fc.integer({ min: 1, max: 100 }),
      uses: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
      stepUpAtStart: fc.boolean(),
    })
    .map(({ stages, cap, uses, stepUpAtStart }) =>
      requirement(stages as Stage[], { durationCapMs: cap, maxUses: uses, stepUpAtStart }),
    );
  test('R19: whatever the two policies say, each is met by what their join asks', () => {
    fc.assert(
      fc.property(anyRequirement, anyRequirement, (then, now) => {
        const joined = joinTwo(then, now);
        const limits = limitsOf(joined);
        for (const one of [then, now]) {
          expect(joined.some(({ stages }) => stagesCover(stages, one.stages))).toBe(true);
          expect(limits.durationCapMs).toBeLessThanOrEqual(one.durationCapMs);
          expect(limits.maxUses ?? Infinity).toBeLessThanOrEqual(one.maxUses ?? Infinity);
          expect(limits.stepUpAtStart || !one.stepUpAtStart).toBe(true);
        }
      }),
    );
  });
});

test('R18: no requirement at all allows nothing', () => {
  expect(limitsOf([])).toMatchObject({ durationCapMs: 0, maxUses: 0 });
});
