import { describe, expect, test } from 'vitest';
import { commonFacts, kinds as custodyKinds } from '../../src/acts/kinds.ts';
import { checkDraft, defineKinds } from '../../src/log/kinds.ts';
import { LogError } from '../../src/log/log-error.ts';
import { item, person } from './example.ts';

const registry = defineKinds(
  {
    'item.opened': {
      facts: { from: 'integer', mode: 'text?', items: 'texts?', whole: 'flag?', act: 'integer?' },
      private: ['reason'],
      keeper: 'item',
    },
  },
  { act: 'text?' },
);
const draft = { kind: 'item.opened', subjects: [item, person], facts: { from: 1 }, private: {} };
const check = (change: object) => () => checkDraft(registry, { ...draft, ...change });

describe('L2.5: the registry of kinds', () => {
  test('L2.5: what is registered passes', () => {
    expect(check({})).not.toThrow();
    expect(check({ facts: { from: 1, mode: 'a', items: ['a'], whole: false, act: 3 } })).not.toThrow();
    expect(check({ private: { reason: {} } })).not.toThrow();
  });

  test('L2.5: an unknown kind, fact or private field, a missing fact and another type are refused', () => {
    for (const change of [
      { kind: 'item.closed' },
      { kind: 'toString' },
      { facts: {} },
      { facts: { from: '1' } },
      { facts: { from: 1.5 } },
      { facts: { from: 1, other: 1 } },
      { facts: { from: 1, toString: 1 } },
      { facts: { from: 1, mode: 7 } },
      { facts: { from: 1, items: 'a' } },
      { facts: { from: 1, items: [1] } },
      { facts: { from: 1, whole: 1 } },
      { private: { note: {} } },
      { subjects: [person], private: { reason: {} } },
    ]) {
      expect(check(change), JSON.stringify(change)).toThrow(LogError);
    }
  });

  test('L2.5: a refusal never repeats a value', () => {
    expect(check({ facts: { from: 'SECRET' } })).toThrow(/^(?!.*SECRET)/);
    expect(check({ facts: { from: 'SECRET' } })).toThrow(
      'In item.opened the fact from is not as registered.',
    );
  });

  test('L2.6: the reserved kinds are there, in their exact shape, and cannot be defined again', () => {
    const seal = { kind: 'seal', subjects: [], private: {} };
    const facts = { epoch: 0, keys: 2, map: 'ab' };
    const ok = (one: Record<string, unknown>) => () => checkDraft(registry, { ...seal, facts: one });
    expect(ok(facts)).not.toThrow();
    expect(ok({ ...facts, prev: { leaf: 'a', seq: 1 } })).not.toThrow();
    expect(ok({ ...facts, prev: { leaf: 'a' } })).toThrow(LogError);
    expect(ok({ ...facts, prev: [] })).toThrow(LogError);
    expect(ok({ ...facts, act: 'x' })).toThrow(LogError);
    const erased = { kind: 'erased', subjects: [item], private: {} };
    const targets = (one: unknown) => () =>
      checkDraft(registry, { ...erased, facts: { basis: 'law', targets: one, act: 'erase' } });
    expect(targets([{ names: ['reason'], seq: 4 }])).not.toThrow();
    expect(targets({ names: ['reason'], seq: 4 })).toThrow(LogError);
    expect(targets([4])).toThrow(LogError);
    expect(() => defineKinds({ seal: { facts: {}, private: [], keeper: '' } })).toThrow(LogError);
  });

  test('L2.5: private fields need a keeper, and a keeper private fields', () => {
    expect(() => defineKinds({ a: { facts: {}, private: ['x'], keeper: '' } })).toThrow(LogError);
    expect(() => defineKinds({ a: { facts: {}, private: [], keeper: 'item' } })).toThrow(LogError);
  });

  test('L2.6: custody’s own kinds fit the registry', () => {
    expect(defineKinds(custodyKinds, commonFacts).size).toBe(Object.keys(custodyKinds).length + 7);
  });
});
