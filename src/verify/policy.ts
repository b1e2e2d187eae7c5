/**
 * Trust files (C2SP tlog-policy; custody-log L6, L7.3): exactly one `log` line, and witnesses, groups and the quorum.
 * Whatever is wrong with one is refused: a doubtful trust file must never lead to a verdict.
 */
import { textOf, toHex } from './bytes.ts';
import { Malformed } from './findings.ts';
import { parseVerifierKey, signatureTypes, type VerifierKey } from './note.ts';
import type { Primitives } from './primitives.ts';

interface Group {
  readonly threshold: number;
  readonly members: readonly string[];
}

export interface Policy {
  readonly log: VerifierKey;
  readonly witnesses: ReadonlyMap<string, VerifierKey>;
  readonly groups: ReadonlyMap<string, Group>;
  /** The name of a witness or group, or `none`. */
  readonly quorum: string;
}

interface Draft {
  log?: VerifierKey;
  quorum?: string;
  readonly witnesses: Map<string, VerifierKey>;
  readonly groups: Map<string, Group>;
  /** Names that a group already holds: each counts in one way only. */
  readonly taken: Set<string>;
}

function demand(holds: boolean, words: string): asserts holds {
  if (!holds) throw new Malformed(words);
}

function isKnown(draft: Draft, name: string): boolean {
  return draft.witnesses.has(name) || draft.groups.has(name);
}

function addLog(primitives: Primitives, draft: Draft, items: readonly string[]): void {
  demand(draft.log === undefined, 'a trust file has exactly one log line');
  demand(items.length === 2 || items.length === 3, 'a log line is `log <vkey> [<url>]`');
  const key = parseVerifierKey(primitives, items[1] ?? '');
  demand(key.type === signatureTypes.log, 'the key of a log is of type 0x01');
  draft.log = key;
}

function addWitness(primitives: Primitives, draft: Draft, items: readonly string[]): void {
  const [, name = '', text = ''] = items;
  demand(items.length === 3 || items.length === 4, 'a witness line is `witness <name> <vkey> [<url>]`');
  demand(name !== 'none' && !isKnown(draft, name), 'a name in a trust file is given once');
  const key = parseVerifierKey(primitives, text);
  demand(key.type === signatureTypes.witness, 'the key of a witness is of type 0x04');
  for (const other of draft.witnesses.values())
    demand(toHex(other.key) !== toHex(key.key), 'two witnesses have one key');
  draft.witnesses.set(name, key);
}

function addGroup(draft: Draft, items: readonly string[]): void {
  const [, name = '', rule = '', ...members] = items;
  demand(members.length >= 1, 'a group line is `group <name> <k|any|all> <name>…`');
  demand(name !== 'none' && !isKnown(draft, name), 'a name in a trust file is given once');
  for (const member of members) {
    demand(isKnown(draft, member), 'a group names what stands above it');
    demand(!draft.taken.has(member), 'a name is a member once');
    draft.taken.add(member);
  }
  const threshold = rule === 'any' ? 1 : rule === 'all' ? members.length : Number(rule);
  demand(/^(?:any|all|[1-9][0-9]*)$/.test(rule), 'the threshold of a group is any, all or a number');
  demand(threshold >= 1 && threshold <= members.length, 'the threshold of a group is at most its members');
  draft.groups.set(name, { threshold, members });
}

function addQuorum(draft: Draft, items: readonly string[]): void {
  const [, name = ''] = items;
  demand(items.length === 2 && draft.quorum === undefined, 'a trust file has exactly one quorum line');
  demand(name === 'none' || isKnown(draft, name), 'the quorum names what stands above it');
  draft.quorum = name;
}

/** Reads a trust file. Throws `Malformed` unless it has exactly one log, one quorum, and sound, distinct keys. */
export function parsePolicy(primitives: Primitives, bytes: Uint8Array): Policy {
  const text = textOf(bytes);
  demand(text !== undefined, 'a trust file is UTF-8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  demand(!/[\u0000-\u0008\u000b-\u001f\u007f]/u.test(text), 'a trust file with a control character');
  const draft: Draft = { witnesses: new Map(), groups: new Map(), taken: new Set() };
  for (const line of text.split('\n')) {
    const items = line.split(/[ \t]+/).filter((item) => item !== '');
    const [word = '#'] = items;
    if (word.startsWith('#')) continue;
    if (word === 'log') addLog(primitives, draft, items);
    else if (word === 'witness') addWitness(primitives, draft, items);
    else if (word === 'group') addGroup(draft, items);
    else if (word === 'quorum') addQuorum(draft, items);
    else throw new Malformed('a line of a trust file begins with log, witness, group or quorum');
  }
  const { log, quorum, witnesses, groups } = draft;
  demand(log !== undefined, 'a trust file has exactly one log line');
  demand(quorum !== undefined, 'a trust file has exactly one quorum line');
  for (const witness of witnesses.values())
    demand(toHex(witness.key) !== toHex(log.key), 'the log is no witness of itself');
  return { log, witnesses, groups, quorum };
}

/** Whether the witnesses in `cosigned` (their names in the trust file) fill the quorum. `none` is never filled. */
export function fillsQuorum(policy: Policy, cosigned: ReadonlySet<string>): boolean {
  const counts = (name: string): boolean => {
    const group = policy.groups.get(name);
    if (group === undefined) return policy.witnesses.has(name) && cosigned.has(name);
    return group.members.filter(counts).length >= group.threshold;
  };
  return policy.quorum !== 'none' && counts(policy.quorum);
}
