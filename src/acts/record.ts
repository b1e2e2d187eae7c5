/**
 * From what an act states to what the log and the store take: private words get a salt and are sealed under
 * their keeper's key, sealed columns likewise (custody-log L2.5, L8). Nothing else may make a log draft.
 */
import { type SubjectId, subjectOf } from '../domain/ids.ts';
import type { Actor, Deps, Entry, NewKey } from './act.ts';
import { type KindName, keeperPrefix } from './kinds.ts';
import type { LogDraft, PrivateField } from './ports/ledger.ts';
import { insert, type ToSeal, type Write } from './ports/tables.ts';
import { rightsIn } from './rights/implied.ts';

type Keys = ReadonlyMap<string, { readonly collection: string; readonly keyIndex: number }>;

/** Reserves a keyring leaf for each new subject; a retry of the same act uses the same leaves. */
export async function reserveKeys(deps: Deps, wanted: readonly NewKey[]): Promise<Keys> {
  const keys = new Map<string, { collection: string; keyIndex: number }>();
  for (const { subject, collection, keyIndex } of wanted) {
    const key = keyIndex === undefined ? await deps.privacy.reserve(collection) : { collection, keyIndex };
    keys.set(subject, key);
  }
  return keys;
}

/** The rows that say which leaf belongs to which new subject. */
export const keyRows = (keys: Keys): Write[] =>
  [...keys].map(([id, key]) => insert('subjectKey', { id, ...key }));

/** Completes an entry of `actor` at `now`. */
export async function logDraft(
  deps: Deps,
  actor: Actor,
  entry: Entry,
  now: number,
  keys: Keys,
): Promise<LogDraft> {
  const subjects = new Set<string>(entry.subjects);
  if (actor.person) subjects.add(subjectOf('person', actor.person));
  const facts = Object.fromEntries(Object.entries(entry.facts).filter(([, value]) => value !== undefined));
  const { kind } = entry;
  const said = {
    seq: 0,
    at: now,
    kind,
    actor: actor.name,
    subjects: [...subjects].map((id) => ({ id })),
    facts,
  };
  // No act has to remember it: what changes a right is in the chain of that right (L4.7).
  for (const right of rightsIn(said)) subjects.add(subjectOf('right', right));
  return {
    at: now,
    kind,
    actor: actor.name,
    subjects: [...subjects],
    facts,
    private: await privateFields(deps, entry, [...subjects], keys),
  };
}

async function privateFields(
  deps: Deps,
  entry: Entry,
  subjects: readonly string[],
  keys: Keys,
): Promise<Record<string, PrivateField>> {
  const sealed: Record<string, PrivateField> = {};
  for (const [name, value] of Object.entries(entry.private ?? {})) {
    if (value === undefined) continue;
    const keeper = keeperOf(entry.kind, subjects, actorFirst(entry));
    const salt = deps.chance.bytes(32);
    const text = JSON.stringify({ salt: Buffer.from(salt).toString('hex'), value });
    sealed[name] = {
      value,
      salt,
      sealed: await deps.privacy.seal(keeper, privateName(name), text, keys.get(keeper)),
    };
  }
  return sealed;
}

/** The field name under which a private log value is sealed. */
export const privateName = (name: string): string => `log/${name}`;

const actorFirst = (entry: Entry): readonly string[] => entry.subjects;

/** The subject whose key keeps the private fields: the first one that the act named with the registered prefix. */
export function keeperOf(kind: KindName, all: readonly string[], named: readonly string[]): SubjectId {
  const prefix = `${keeperPrefix(kind)}:`;
  const keeper = named.find((id) => id.startsWith(prefix)) ?? all.find((id) => id.startsWith(prefix));
  if (!keeper) throw new Error(`${kind} has private fields but no ${prefix} subject`);
  return keeper as SubjectId;
}

const isToSeal = (value: unknown): value is ToSeal =>
  typeof value === 'object' && value !== null && 'seal' in value && 'subject' in value;

/** Replaces every `toSeal` in the writes by sealed bytes. */
export async function sealWrites(deps: Deps, writes: readonly Write[], keys: Keys): Promise<Write[]> {
  return Promise.all(
    writes.map(async (write) => {
      const columns = 'set' in write ? write.set : write.row;
      const sealed: Record<string, unknown> = { ...columns };
      for (const [column, value] of Object.entries(sealed)) {
        if (isToSeal(value)) {
          sealed[column] = await deps.privacy.seal(
            value.subject,
            value.field,
            value.seal,
            keys.get(value.subject),
          );
        }
      }
      return { ...write, ['set' in write ? 'set' : 'row']: sealed } as Write;
    }),
  );
}
