import { describe, expect, test } from 'vitest';
import { type GrantEvent, grantAfter, grantEvents } from '../../src/domain/grant-machine.ts';

/** Section 2.2 written out again, by hand. */
const listed: readonly (readonly [string, GrantEvent, string, string?])[] = [
  ['scheduled', 'start', 'active'],
  ['scheduled', 'start-postponed', 'scheduled'],
  ['scheduled', 'start-refused', 'ended', 'start-refused'],
  ['active', 'suspend', 'suspended'],
  ['suspended', 'resume', 'active'],
  ['scheduled', 'confirm', 'scheduled'],
  ['suspended', 'confirm', 'suspended'],
  ['scheduled', 'activate-by-reached', 'ended', 'unused'],
  ['active', 'not-after-reached', 'ended', 'expired'],
  ['suspended', 'not-after-reached', 'ended', 'expired'],
  ['active', 'last-use', 'ended', 'used-up'],
  ...(['scheduled', 'active', 'suspended'] as const).flatMap((state) => [
    [state, 'relinquish', 'ended', 'relinquished'] as const,
    [state, 'revoke', 'ended', 'revoked'] as const,
    [state, 'narrow', state] as const,
    [state, 'supersede', 'ended', 'superseded'] as const,
    [state, 'offboard', 'ended', 'offboarded'] as const,
    [state, 'misuse-confirmed', 'ended', 'misuse'] as const,
    [state, 'item-shredded', 'ended', 'item-gone'] as const,
  ]),
];

describe('2.2: a grant moves only as the table says', () => {
  for (const state of ['scheduled', 'active', 'suspended', 'ended'] as const) {
    for (const event of grantEvents) {
      const row = listed.find(([from, by]) => from === state && by === event);
      test(`2.2: ${event} in ${state} answers ${row?.[3] ?? row?.[2] ?? 'state-forbids'}`, () => {
        const step = grantAfter(state, event);
        if (row) expect(step).toEqual(row[3] ? { to: row[2], end: row[3] } : { to: row[2] });
        else expect(step).toMatchObject({ refused: 'state-forbids' });
      });
    }
  }
});

test('R41: nothing leads out of the end of a grant', () => {
  expect(grantEvents.filter((event) => 'to' in grantAfter('ended', event))).toEqual([]);
});
