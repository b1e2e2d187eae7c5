import { argon2id as reference } from '@noble/hashes/argon2.js';
import { describe, expect, it } from 'vitest';
import { argon2id, STANDARD_COST } from '../../src/crypto/argon2.ts';
import { Busy, createGate } from '../../src/crypto/gate.ts';
import { createPasswords } from '../../src/crypto/password.ts';
import { parsePasswordHash } from '../../src/crypto/phc.ts';

const cheap = { memory: 64, passes: 1, lanes: 1 };

describe('passwords (Argon2id)', () => {
  it('the standard cost is 64 MiB, 3 passes, 1 lane', async () => {
    expect(STANDARD_COST).toEqual({ memory: 65_536, passes: 3, lanes: 1 });
    const stored = await createPasswords().hash('correct horse battery');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await createPasswords().verify('correct horse battery', stored)).toBe(true);
  });

  it('gives the tag that an independent implementation gives', async () => {
    const [message, salt] = [Buffer.from('password'), Buffer.from('somesaltsomesalt')];
    const expected = reference(message, salt, { m: 256, t: 3, p: 2, dkLen: 32 });
    const tag = await argon2id(message, salt, { memory: 256, passes: 3, lanes: 2 });
    expect(tag.equals(expected)).toBe(true);
  });

  it('only the exact password opens; salts differ', async () => {
    const passwords = createPasswords(cheap);
    const stored = await passwords.hash('pässword ');
    expect(await passwords.verify('pässword ', stored)).toBe(true);
    expect(await passwords.verify('pässword', stored)).toBe(false);
    expect(await passwords.verify('pa\u0308ssword ', stored)).toBe(false);
    expect(await passwords.hash('pässword ')).not.toBe(stored);
  });

  it('an unknown name and an unreadable hash are false after the same work', async () => {
    const passwords = createPasswords(cheap);
    expect(await passwords.verify('anything', null)).toBe(false);
    expect(await passwords.verify('anything', 'not a hash')).toBe(false);
  });

  it('a hash of another cost verifies and asks to be renewed', async () => {
    const old = await createPasswords(cheap).hash('pass');
    for (const cost of [
      { ...cheap, memory: 128 },
      { ...cheap, passes: 2 },
      { ...cheap, memory: 64, lanes: 2 },
    ]) {
      const passwords = createPasswords(cost);
      expect(await passwords.verify('pass', old)).toBe(true);
      expect(passwords.needsRehash(old)).toBe(true);
    }
    expect(createPasswords(cheap).needsRehash(old)).toBe(false);
    expect(createPasswords(cheap).needsRehash('not a hash')).toBe(true);
  });

  it('a stored row can order no more than 1 GiB, and one hash has one spelling', async () => {
    const stored = await createPasswords(cheap).hash('pass');
    expect(parsePasswordHash(stored)).toBeDefined();
    const salt = stored.split('$')[4]!;
    const spare = `${salt.slice(0, -1)}${salt.endsWith('B') ? 'C' : 'B'}`;
    for (const changed of [
      stored.replace('m=64', 'm=1048577'),
      stored.replace('m=64', 'm=064'),
      stored.replace('v=19', 'v=16'),
      stored.replace('argon2id', 'argon2i'),
      stored.replace(salt, spare),
      `${stored}\n`,
      `${stored}=`,
    ]) {
      expect(parsePasswordHash(changed), changed).toBeUndefined();
    }
    expect(parsePasswordHash(stored.replace('m=64', 'm=1048576'))?.cost.memory).toBe(1_048_576);
  });
});

describe('at most 2 at once, 32 waiting, then busy', () => {
  it('never runs more than allowed, refuses beyond the queue, serves in order', async () => {
    const gate = createGate(2, 3);
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const releases: (() => void)[] = [];
    const task = (id: number) => async () => {
      order.push(id);
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => releases.push(resolve));
      running -= 1;
      return id;
    };
    const results = [0, 1, 2, 3, 4].map((id) => gate(task(id)));
    await expect(gate(task(5))).rejects.toThrow(Busy);
    for (let i = 0; i < 5; i += 1) {
      releases[i]!();
      await results[i];
    }
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4]);
    expect([most, order]).toEqual([2, [0, 1, 2, 3, 4]]);
    const last = gate(task(6));
    releases[5]!();
    expect(await last).toBe(6);
  });

  it('still never more than allowed after some have waited', async () => {
    const gate = createGate(1, 9);
    let running = 0;
    let most = 0;
    const task = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    await Promise.all([gate(task), gate(task), gate(task)]);
    await Promise.all([gate(task), gate(task), gate(task), gate(task)]);
    expect(most).toBe(1);
  });

  it('a task that fails gives its place back', async () => {
    const gate = createGate(1, 0);
    await expect(gate(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await gate(() => Promise.resolve(1))).toBe(1);
  });

  it('the 35th password at the same time is refused', async () => {
    const passwords = createPasswords(cheap);
    const tries = Array.from({ length: 35 }, () => passwords.hash('x').catch((error: unknown) => error));
    const results = await Promise.all(tries);
    expect(results.filter((result) => result instanceof Busy).length).toBe(1);
    expect(results[34]).toBeInstanceOf(Busy);
  });
});
