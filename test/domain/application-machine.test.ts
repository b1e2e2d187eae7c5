import { describe, expect, test } from 'vitest';
import { applicationStates, finalStates } from '../../src/domain/application.ts';
import {
  type ApplicationEvent,
  applicationAfter,
  applicationEvents,
} from '../../src/domain/application-machine.ts';

/** Section 2.1 written out again, by hand, from the page and not from the code. */
const listed: readonly (readonly [string, ApplicationEvent, string])[] = [
  ['draft', 'submit', 'pending'],
  ['pending', 'approve', 'pending'],
  ['pending', 'complete', 'approved'],
  ['pending', 'deny', 'denied'],
  ['pending', 'withdraw-vote', 'pending'],
  ['pending', 'return', 'returned'],
  ['returned', 'resubmit', 'pending'],
  ['pending', 'counter', 'countered'],
  ['countered', 'accept', 'pending'],
  ['countered', 'decline', 'pending'],
  ['pending', 'withdraw', 'withdrawn'],
  ['returned', 'withdraw', 'withdrawn'],
  ['countered', 'withdraw', 'withdrawn'],
  ['pending', 'time-out', 'expired'],
  ['returned', 'time-out', 'expired'],
  ['countered', 'time-out', 'expired'],
  ['pending', 'invalidate', 'invalidated'],
  ['returned', 'invalidate', 'invalidated'],
  ['countered', 'invalidate', 'invalidated'],
  ['pending', 'stall', 'pending'],
  ['pending', 'escalate', 'pending'],
];

describe('2.1: an application moves only as the table says', () => {
  for (const state of applicationStates) {
    for (const event of applicationEvents) {
      const row = listed.find(([from, by]) => from === state && by === event);
      const closed = finalStates.includes(state);
      const answer = row?.[2] ?? (closed ? 'application-closed' : 'state-forbids');
      test(`2.1: ${event} in ${state} answers ${answer}`, () => {
        const next = applicationAfter(state, event);
        if (row) expect(next).toBe(row[2]);
        else expect(next).toMatchObject({ refused: answer });
      });
    }
  }
});

test('I5: no event leads out of a final state', () => {
  const ways = finalStates.flatMap((state) =>
    applicationEvents.filter((event) => typeof applicationAfter(state, event) === 'string'),
  );
  expect(finalStates).toHaveLength(5);
  expect(ways).toEqual([]);
});
