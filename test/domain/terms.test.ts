import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Terms } from '../../src/domain/application.ts';
import { asId } from '../../src/domain/ids.ts';
import type { Item } from '../../src/domain/item.ts';
import { defaultPolicies } from '../../src/domain/policies.ts';
import { isNarrower, rangesAreSound, termsRefusal, windowAheadMs } from '../../src/domain/terms.ts';

const hour = 3_600_000;
const now = 1_000_000;
const one = asId<'item'>('item-1');
const two = asId<'item'>('item-2');
const item = (id = one, more: Partial<Item> = {}): Item =>
  ({ id, class: 'ordinary', durationMs: 60_000, ...more }) as Item;
const terms = (more: Partial<Terms> = {}): Terms => ({
  kind: 'view',
  beneficiary: asId('person'),
  items: [{ item: one, ranges: null }],
  purposeCode: 'case-inquiry',
  purposeWords: 'why',
  durationMs: hour,
  ...more,
});
const limits = defaultPolicies.view.ordinary;
const judge = (more: Partial<Terms>, items = [item()], clearance: Item['class'] = 'sensitive') =>
  termsRefusal(terms(more), items, limits, clearance, now);

describe('R23, R25: terms at submission', () => {
  test('R25: terms inside every limit stand', () => expect(judge({})).toBeUndefined());
  test.each([
    ['R23: no purpose code', { purposeCode: '' }, 'purpose-missing', '/purposeCode'],
    ['R23: no own words', { purposeWords: ' ' }, 'purpose-missing', '/purposeWords'],
    ['R25: over the cap', { durationMs: limits.durationCapMs + 1 }, 'beyond-policy', '/durationMs'],
    ['R25: no duration', { durationMs: 0 }, 'beyond-policy', '/durationMs'],
    ['R25: an endless duration', { durationMs: Number.POSITIVE_INFINITY }, 'beyond-policy', '/durationMs'],
    ['R25: a window too far ahead', { notBefore: now + windowAheadMs + 1 }, 'beyond-policy', '/notBefore'],
  ] as const)('%s is refused and not shortened', (_, more, code, pointer) => {
    const refused = judge(more);
    expect(refused?.refused).toBe(code);
    expect(refused?.fields?.map((field) => field.pointer)).toContain(pointer);
  });
  test('R25: exactly the cap is allowed', () => {
    expect(judge({ durationMs: limits.durationCapMs })).toBeUndefined();
  });
  test('R25: an item above the clearance is refused', () => {
    expect(judge({}, [item(one, { class: 'sensitive' })], 'restricted')?.refused).toBe('clearance-too-low');
  });
  test('R28: a part of an item is refused plainly, the whole in either spelling passes', () => {
    const ranged = (ranges: Terms['items'][number]['ranges']) => judge({ items: [{ item: one, ranges }] });
    expect(ranged([[0, 60_000]])).toBeUndefined();
    expect(ranged([[0, 30_000]])?.fields).toEqual([{ pointer: '/items/0/ranges', code: 'ranges-not-yet' }]);
    expect(ranged([[0, 70_000]])?.fields?.[0]?.code).toBe('ranges-unsound');
  });
});

test('R28: ranges are ascending, apart, not empty and inside the item', () => {
  expect(
    rangesAreSound(
      [
        [0, 10],
        [20, 30],
      ],
      30,
    ),
  ).toBe(true);
  expect(rangesAreSound([], 30)).toBe(false);
  expect(rangesAreSound([[10, 10]], 30)).toBe(false);
  expect(
    rangesAreSound(
      [
        [0, 20],
        [10, 30],
      ],
      30,
    ),
  ).toBe(false);
  expect(
    rangesAreSound(
      [
        [20, 30],
        [0, 10],
      ],
      30,
    ),
  ).toBe(false);
  expect(rangesAreSound([[0, 31]], 30)).toBe(false);
});

describe('R27, X17: an offer only narrows', () => {
  const asked = terms({
    items: [
      { item: one, ranges: null },
      { item: two, ranges: [[0, 1000]] },
    ],
    durationMs: 2 * hour,
    maxUses: 3,
  });
  test.each([
    ['a shorter time', { durationMs: hour }],
    ['fewer items', { items: [{ item: one, ranges: null }] }],
    ['a shorter range', { items: [asked.items[0], { item: two, ranges: [[0, 500]] }] }],
    ['fewer uses', { maxUses: 1 }],
    ['a window', { notBefore: now }],
  ] as const)('R27: %s is narrower', (_, more) => {
    expect(isNarrower({ ...asked, ...more } as Terms, asked)).toBe(true);
  });
  test.each([
    ['the same', {}],
    ['a longer time', { durationMs: 3 * hour }],
    ['a longer time with fewer uses', { durationMs: 3 * hour, maxUses: 1 }],
    ['another item', { items: [{ item: asId<'item'>('item-3'), ranges: null }] }],
    ['all of an item of which a part was asked', { items: [{ item: two, ranges: null }] }],
    ['no items', { items: [] }],
    ['more uses', { maxUses: 4 }],
    ['another purpose', { durationMs: hour, purposeCode: 'other' }],
    ['another person', { durationMs: hour, beneficiary: asId<'person'>('someone') }],
  ])('X17: %s is not', (_, more) => {
    expect(isNarrower({ ...asked, ...more } as Terms, asked)).toBe(false);
  });
  test('R27: a fixed window can be moved later and never dropped or moved earlier', () => {
    const fixed = terms({ notBefore: 100 });
    expect(isNarrower({ ...fixed, notBefore: 200 }, fixed)).toBe(true);
    expect(isNarrower({ ...fixed, notBefore: 50 }, fixed)).toBe(false);
    const { notBefore: _, ...dropped } = fixed;
    expect(isNarrower(dropped, fixed)).toBe(false);
  });
  test('R27: narrower is a strict order: nothing is narrower than itself, nor two each than the other', () => {
    const any = fc.record({
      durationMs: fc.integer({ min: 1, max: 3 }),
      maxUses: fc.integer({ min: 1, max: 3 }),
      both: fc.boolean(),
    });
    const make = ({ durationMs, maxUses, both }: { durationMs: number; maxUses: number; both: boolean }) =>
      terms({ durationMs, maxUses, items: both ? asked.items : asked.items.slice(0, 1) });
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(isNarrower(make(a), make(a))).toBe(false);
        expect(isNarrower(make(a), make(b)) && isNarrower(make(b), make(a))).toBe(false);
      }),
    );
  });
});
