/** The worked example of L3.6, its keys, and small builders that the tests of this folder share. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { type CompletedEntry, completeEntry, type Draft, type SubjectHead } from '../../src/log/entry.ts';
import type { Sign, Verify } from '../../src/log/note.ts';
import { type NoteKey, noteKey } from '../../src/log/note-key.ts';

export const origin = 'custos.example/00112233445566778899aabbccddeeff';
const uuid = (digit: string) => `01935f4e-7c00-7000-8000-00000000000${digit}`;
export const person = `person:${uuid('1')}`;
export const item = `item:${uuid('2')}`;
export const unknown = `item:${uuid('3')}`;
export const salt = Buffer.alloc(32, 0xa5);

/** Subject ids by number, for logs of any length. */
export const subject = (kind: string, n: number) =>
  `${kind}:01935f4e-7c00-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** An Ed25519 key from a seed: only to sign what a test checks. */
export function seedKey(seed: Uint8Array, name: string): { key: NoteKey; sign: Sign } {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { key: noteKey(name, 1, publicKey), sign: (message) => sign(null, message, secret) };
}

export const verifyEd25519: Verify = (publicKey, message, signature) => {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
  return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
};

export const signer = seedKey(Buffer.alloc(32, 1), origin);

/** Completes drafts one after another, as a writer does. */
export class TestLog {
  readonly entries: CompletedEntry[] = [];
  readonly heads = new Map<string, SubjectHead>();

  add(draft: Partial<Draft> & { kind: string }): CompletedEntry {
    const done = completeEntry(
      { actor: 'system:test', at: 0, subjects: [], facts: {}, private: {}, ...draft },
      { origin, seq: this.entries.length, prevAt: this.entries.at(-1)?.entry.at ?? 0, heads: this.heads },
    );
    for (const { id, n } of done.links) this.heads.set(id, { n, leaf: done.leaf });
    this.entries.push(done);
    return done;
  }
}

/** The three entries of L3.6, except that the seal's map is handed in. */
export function workedExample(map: string): TestLog {
  const log = new TestLog();
  log.add({
    kind: 'log.opened',
    actor: 'system:init',
    at: 1795500000000,
    facts: { epoch: 0, vkey: `${origin}+2d697030+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c` },
  });
  log.add({
    kind: 'item.opened',
    actor: person,
    at: 1795500000250,
    subjects: [person, item],
    facts: { from: 0, to: 1048576 },
    private: { reason: { value: '复核 17', salt } },
  });
  log.add({ kind: 'seal', actor: 'system:log', at: 1795500000500, facts: { epoch: 0, keys: 2, map } });
  return log;
}
