import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Grant } from '../../src/domain/grant.ts';
import { asId } from '../../src/domain/ids.ts';
import {
  dueEnd,
  type EarlierGrant,
  endOfStart,
  linkMs,
  linksAfter,
  previousGrant,
  useRefusal,
  windowOf,
} from '../../src/domain/window.ts';

const hour = 3_600_000;
const grant = (more: Partial<Grant> = {}): Grant =>
  ({
    state: 'active',
    endReason: null,
    notBefore: null,
    activateBy: 1000,
    notAfter: 2000,
    absoluteEnd: 3000,
    durationMs: 1000,
    uses: 0,
    maxUses: null,
    ...more,
  }) as Grant;
const code = (more: Partial<Grant>, now: number) => useRefusal(grant(more), now)?.refused;

describe('R31: the window of a grant', () => {
  test('R31: it runs from the start, however long approval and first use took', () => {
    const { activateBy, absoluteEnd } = windowOf(0, { durationMs: hour }, { startTtlMs: 72 * hour }, null);
    expect([activateBy, absoluteEnd]).toEqual([72 * hour, 73 * hour]);
    expect(endOfStart(grant({ durationMs: hour, absoluteEnd }), 10)).toBe(hour + 10);
  });
  test('I7: it never outlives the posting', () => {
    const any = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(any, any, any, any, (now, durationMs, startTtlMs, postingEnd) => {
        const { activateBy, absoluteEnd } = windowOf(now, { durationMs }, { startTtlMs }, postingEnd);
        expect(Math.max(activateBy, absoluteEnd)).toBeLessThanOrEqual(postingEnd);
        const start = Math.min(now + startTtlMs, postingEnd);
        expect(endOfStart(grant({ durationMs, absoluteEnd }), start)).toBeLessThanOrEqual(postingEnd);
      }),
    );
  });
});

describe('R43, X21: half-open windows', () => {
  test('X21: open at the start, shut 1 ms before it', () => {
    expect(code({ notBefore: 500 }, 499)).toBe('grant-not-started');
    expect(code({ notBefore: 500 }, 500)).toBeUndefined();
  });
  test('X21: open 1 ms before the end, shut at the end itself', () => {
    expect(code({}, 1999)).toBeUndefined();
    expect(code({}, 2000)).toBe('grant-ended');
    expect(code({}, 2001)).toBe('grant-ended');
  });
  test('R43: a grant that was never used ends at activate_by', () => {
    expect(code({ state: 'scheduled', notAfter: null }, 999)).toBeUndefined();
    expect(code({ state: 'scheduled', notAfter: null }, 1000)).toBe('grant-ended');
    expect(dueEnd(grant({ state: 'ended' }))).toBeNull();
  });
  test('R40: suspended gives nothing, and its time runs on', () => {
    expect(code({ state: 'suspended' }, 1500)).toBe('grant-suspended');
    expect(code({ state: 'suspended' }, 2000)).toBe('grant-ended');
  });
  test('X19: the last use is the last', () => {
    expect(code({ uses: 1, maxUses: 2 }, 1500)).toBeUndefined();
    expect(code({ uses: 2, maxUses: 2 }, 1500)).toBe('used-up');
    expect(code({ state: 'ended', endReason: 'used-up' }, 1500)).toBe('used-up');
  });
});

describe('R33, R34: chains', () => {
  const item = asId<'item'>('i');
  const me = asId<'person'>('me');
  const earlier = (endedAt: number | null, links = 0, person = me): EarlierGrant => ({
    grant: { id: asId<'grant'>(`g${links}`), personId: person, chainLinks: links },
    items: [item],
    endedAt,
  });
  const found = (all: EarlierGrant[], now: number) => previousGrant(all, me, new Set([item]), now);
  test('R34: a request within 30 d after the end is a link, at 30 d it is none', () => {
    expect(found([earlier(0)], linkMs - 1)).toBeDefined();
    expect(found([earlier(0)], linkMs)).toBeUndefined();
  });
  test('R33: a request over a grant that still runs is a link too', () => {
    expect(linksAfter(found([earlier(null, 2)], 0))).toBe(3);
  });
  test('R34: of several the longest chain counts, and of other persons or items none', () => {
    expect(linksAfter(found([earlier(0, 1), earlier(0, 4), earlier(0, 2)], 1))).toBe(5);
    expect(found([earlier(0, 1, asId<'person'>('other'))], 1)).toBeUndefined();
    expect(previousGrant([earlier(0)], me, new Set([asId<'item'>('j')]), 1)).toBeUndefined();
  });
});
