/**
 * A grant's row is believed only as far as the log says the same (custody-log L4.7): kind, ids, person, items and
 * ends are compared with the entries that gave and started it. A row without its entry gives nothing.
 */
import type { Grant, GrantItem } from '../../domain/grant.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Ledger } from '../ports/ledger.ts';

interface LoggedEntry {
  readonly kind: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

async function readEntry(ledger: Ledger, seq: number): Promise<LoggedEntry> {
  const { bytes } = await ledger.entry(seq);
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as LoggedEntry;
}

const same = (fact: unknown, column: unknown): boolean => (fact ?? null) === column;

function matchesCreation({ kind, facts }: LoggedEntry, grant: Grant, items: readonly GrantItem[]): boolean {
  const logged = Array.isArray(facts.items) ? facts.items.toSorted() : [];
  const rows = items.map((item) => item.itemId).toSorted();
  return (
    kind === 'grant.created' &&
    same(facts.grant, grant.id) &&
    same(facts.number, grant.number) &&
    same(facts.kind, grant.kind) &&
    same(facts.person, grant.personId) &&
    same(facts.termsHash, grant.termsHash) &&
    same(facts.durationMs, grant.durationMs) &&
    same(facts.notBefore, grant.notBefore) &&
    same(facts.activateBy, grant.activateBy) &&
    same(facts.absoluteEnd, grant.absoluteEnd) &&
    same(facts.maxUses, grant.maxUses) &&
    same(facts.stepUpAtStart, grant.stepUpAtStart) &&
    logged.join() === rows.join()
  );
}

const matchesStart = ({ kind, facts }: LoggedEntry, grant: Grant): boolean =>
  kind === 'grant.started' && same(facts.grant, grant.id) && same(facts.notAfter, grant.notAfter);

/** `integrity` (503) if row and log differ in anything; rejects with `LogUnavailable` if the entry cannot be read. */
export async function proveGrant(
  ledger: Ledger,
  grant: Grant,
  items: readonly GrantItem[],
): Promise<Refusal | undefined> {
  const differs = refuse('integrity', { rule: 'L4.7' });
  if (!matchesCreation(await readEntry(ledger, grant.createdSeq), grant, items)) return differs;
  if (grant.startedSeq === null)
    return grant.state === 'active' || grant.notAfter !== null ? differs : undefined;
  return matchesStart(await readEntry(ledger, grant.startedSeq), grant) ? undefined : differs;
}
