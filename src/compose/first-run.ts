/**
 * The first-run token (reliability.md 5, X68): a file of mode 0600 that only who is at the machine can read, good for
 * one hour and one use. Never admits from a file that others may read.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FirstRun } from '../acts/ports/first-run.ts';
import type { Config } from '../config.ts';

const goodForMs = 3_600_000;
const line = /^custos-first-run-1:([A-Za-z0-9_-]{43}):(\d{13})\n$/;

export interface FirstRunToken extends FirstRun {
  /** Forgets the token: it was used. */
  spend(): void;
}

/** Where the token lies. */
export const tokenFile = (config: Config): string => join(resolve(config.keys.folder), 'first-run-token');

/** Writes a new token in the place of an old one; answers it and when it ends, ms UTC. */
export function writeToken(config: Config, now: number): { readonly token: string; readonly until: number } {
  const token = randomBytes(32).toString('base64url');
  const until = now + goodForMs;
  rmSync(tokenFile(config), { force: true });
  writeFileSync(tokenFile(config), `custos-first-run-1:${token}:${until}\n`, { flag: 'wx', mode: 0o600 });
  return { token, until };
}

export function firstRunToken(config: Config, now: () => number): FirstRunToken {
  const path = tokenFile(config);
  const read = (): string => {
    try {
      return (statSync(path).mode & 0o077) === 0 ? readFileSync(path, 'utf8') : '';
    } catch {
      return '';
    }
  };
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return {
    async admits(token) {
      const [, known = '', until = '0'] = line.exec(read()) ?? [];
      const same = timingSafeEqual(digest(known), digest(token));
      return same && known !== '' && now() < Number(until);
    },
    spend: () => rmSync(path, { force: true }),
  };
}
