/** The quick reading of an entry against the reading by definition (L2), and HMAC against Node's own. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readQuickly, readText } from '../../src/verify/entry.ts';
import { item, jcs, livelyLog, origin, person, zeros } from './build-package.ts';
import { primitives } from './check.ts';

const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const links = fc
  .uniqueArray(fc.tuple(fc.nat(9), fc.constantFrom(1, 2, 2 ** 53 - 1), hash), {
    maxLength: 4,
    selector: ([id]) => id,
  })
  .map((all) =>
    all
      .toSorted(([a], [b]) => a - b)
      .map(([id, n, prev]) => ({ id: id < 5 ? item(id) : person(id), n, prev: n === 1 ? zeros : prev })),
  );
const facts = fc.dictionary(
  fc.stringMatching(/^[a-z][A-Za-z0-9]{0,5}$/),
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.array(fc.nat(), { maxLength: 3 }),
    fc.constant(`},"kind":"a","origin":"${origin}","private":{`),
    fc.constant({ kind: 'a', origin, private: {} }),
  ),
  { maxKeys: 4 },
);
const entries = fc
  .record({
    actor: fc.constantFrom('system:log', 'system:log', 'system:log', person(6)),
    at: fc.nat(),
    facts,
    kind: fc.constantFrom('item.opened', 'a-b.c-d', 'a', 'erased', 'seal', 'log.opened'),
    origin: fc.constantFrom(origin, `a/b.c/${origin}`, origin, `//${origin}`, 'example'),
    private: fc.dictionary(fc.stringMatching(/^[a-z][A-Za-z0-9]{0,5}$/), hash, { maxKeys: 3 }),
    seq: fc.nat(),
    subjects: links,
  })
  .map((entry) => jcs({ ...entry, v: 1 }));

/** One character changed, left out, doubled, or moved. */
const bent = fc
  .tuple(
    entries,
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    fc.constantFrom(...'{}[]",:\\01aAz\u2028-'),
    fc.nat(3),
  )
  .map(([text, place, sign, how]) => {
    const at = Math.floor(place * text.length);
    const middle = [sign, '', text[at]! + text[at]!, sign + text[at]!][how]!;
    return text.slice(0, at) + middle + text.slice(at + 1);
  });

describe('two readings of an entry', () => {
  it('L2.3: what the pattern takes, the definition takes, with the same entry', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(entries, bent), (text) => {
        const quick = readQuickly(text);
        if (quick === undefined) return;
        taken += 1;
        expect(readText(text)).toEqual({ ...quick, entry: { ...quick.entry, v: 1 } });
      }),
      { numRuns: Number(process.env.CUSTOS_MUTANTS ?? 1500) },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it('L11: the pattern takes every entry of a log, so the long way is for faults', () => {
    for (const { bytes } of livelyLog().entries) expect(readQuickly(bytes.toString())).toBeDefined();
  });

  it('L2: bounds that the pattern alone does not hold are held', () => {
    const good = JSON.parse(livelyLog().entries[1]!.bytes.toString()) as Record<string, unknown>;
    const spelled = (change: Record<string, unknown>): string => jcs({ ...good, ...change });
    expect(readQuickly(spelled({}))).toBeDefined();
    const [link] = good.subjects as { id: string }[];
    const many = Array.from({ length: 129 }, (_, index) => ({ id: item(index), n: 1, prev: zeros }));
    const fields = Array.from({ length: 33 }, (_, index) => [
      `f${String.fromCharCode(97 + index / 6)}${index % 6}`,
      zeros,
    ]);
    for (const change of [
      { actor: person(99) },
      { at: 2 ** 53 },
      { facts: { a: 1.5 } },
      { facts: { a: null } },
      { kind: 'seal' },
      { kind: 'log.opened' },
      { kind: `a${'b'.repeat(64)}` },
      { origin: `/${origin}` },
      { private: Object.fromEntries(fields) },
      { seq: 2 ** 53 },
      { subjects: many, actor: 'system:log' },
      { subjects: [link, link], actor: 'system:log' },
      { subjects: [{ ...link, n: 0 }], actor: 'system:log' },
      { subjects: [{ ...link, n: 2, prev: zeros }], actor: 'system:log' },
      { subjects: [{ ...link, n: 1, prev: 'a'.repeat(64) }], actor: 'system:log' },
    ]) {
      expect(readQuickly(spelled(change)), JSON.stringify(change).slice(0, 80)).toBeUndefined();
      expect(readText(spelled(change))).toHaveProperty('code');
    }
  });
});

describe('HMAC in Node', () => {
  it('L2.5: it is that of node:crypto for keys and texts of every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 140 }), fc.uint8Array({ maxLength: 300 }), (key, data) => {
        const wanted = createHmac('sha256', key).update(data).digest('hex');
        expect(Buffer.from(primitives.hmacSha256(key, data)).toString('hex')).toBe(wanted);
      }),
    );
  });
});
