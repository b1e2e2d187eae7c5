/** Reading an account name for a new account: folded, or refused with the reason (R5, reliability.md 5). */
import { foldName } from '../domain/names.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Reads } from './ports/tables.ts';

/** The name's key, or `bad-input` at `pointer`. */
export function readAccountName(typed: string, pointer: string): string | Refusal {
  const { key, fault } = foldName(typed);
  return fault ? refuse('bad-input', { rule: 'R5', fields: [{ pointer, code: `name-${fault}` }] }) : key;
}

/** `name-taken` if any account ever had the name, in whatever spelling; a retired name is never used again. */
export async function refuseTaken(reads: Reads, key: string): Promise<Refusal | undefined> {
  const taken = await reads.one('account', { nameKey: key });
  return taken ? refuse('name-taken', { rule: 'R5' }) : undefined;
}
