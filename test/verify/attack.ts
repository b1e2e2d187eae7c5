/** What the tests of attacks share: a ready log, ways to bend its package, and what a refusal looks like. */
import { expect } from 'vitest';
import {
  buildPackage,
  item,
  livelyLog,
  logExport,
  type Member,
  type PackageOptions,
  type Scope,
  type TestLog,
} from './build-package.ts';
import { type Checked, type CheckOptions, check } from './check.ts';

export const full: Scope = { kind: 'full' };
export const subject: Scope = { kind: 'subject', id: item(2) };

export function refused({ report }: Checked, code?: string): void {
  expect(report.verdict).toBe('INVALID');
  expect(report.exit).toBe(3);
  if (code !== undefined) expect(report.failures.map((failure) => failure.code)).toContain(code);
}

export function ready(scope: Scope = full): TestLog {
  const log = livelyLog();
  logExport(log, scope);
  return log;
}

/** Replaces the content of the member whose name ends with `name`; the manifest is signed afterwards. */
export const change =
  (name: string, edit: (bytes: Buffer) => Buffer) =>
  (members: Member[]): Member[] =>
    members.map((member) => (member.name.endsWith(name) ? { ...member, bytes: edit(member.bytes) } : member));
export const replace =
  (from: string, to: string) =>
  (bytes: Buffer): Buffer =>
    Buffer.from(bytes.toString().replace(from, to));
export const built = (log: TestLog, options: PackageOptions, how: CheckOptions = {}): Checked =>
  check(buildPackage(log, options), how);

/** `lines` of a member, edited as a list. */
export const lines =
  (edit: (all: string[]) => string[]) =>
  (bytes: Buffer): Buffer =>
    Buffer.from(
      edit(bytes.toString().split('\n').slice(0, -1))
        .map((line) => `${line}\n`)
        .join(''),
    );
