/**
 * Registry of entry kinds (custody-log L2.5, L2.6): which public facts and which private fields an entry of each
 * kind may have, and whose key keeps the private ones. What is not registered is refused before commit.
 * Knows the kinds of the log itself; all others come from the caller.
 */
import type { Draft } from './entry.ts';
import { LogError } from './log-error.ts';

/** `texts` is a list of texts; `?` marks a fact that may be absent. */
type PlainType = 'text' | 'integer' | 'flag' | 'texts';
/** One object, or a list of objects, with facts of their own. */
interface RecordType {
  readonly record: Readonly<Record<string, FactType>>;
  readonly optional?: boolean;
  readonly many?: boolean;
}
export type FactType = PlainType | `${PlainType}?` | RecordType;

/** What one kind allows. */
export interface KindDefinition {
  readonly facts: Readonly<Record<string, FactType>>;
  readonly private: readonly string[];
  /** Prefix of the subject, among the entry's subjects, under whose key private values are sealed; '' where there are none. */
  readonly keeper: string;
}

/** All kinds that may be committed. */
export type KindRegistry = ReadonlyMap<string, KindDefinition>;

const plain = (facts: KindDefinition['facts']): KindDefinition => ({ facts, private: [], keeper: '' });

/** The kinds of L2.6, written by the log and its keepers. */
export const reservedKinds = {
  'log.opened': plain({
    epoch: 'integer',
    vkey: 'text',
    continues: { record: { origin: 'text', root: 'text', size: 'integer' }, optional: true },
    reason: 'text?',
  }),
  seal: plain({
    epoch: 'integer',
    keys: 'integer',
    map: 'text',
    prev: { record: { leaf: 'text', seq: 'integer' }, optional: true },
    stamp: { record: { sha256: 'text', size: 'integer' }, optional: true },
  }),
  'key.rotated': plain({ epoch: 'integer', sig: 'text', vkey: 'text' }),
  erased: plain({ basis: 'text', targets: { record: { names: 'texts', seq: 'integer' }, many: true } }),
  'log.exported': {
    facts: { scope: 'text', id: 'text?', from: 'integer?', to: 'integer?', disclose: 'text' },
    private: ['reason'],
    keeper: 'person',
  },
  'log.checked': plain({ size: 'integer', root: 'text' }),
  'clock.stepped': plain({ measured: 'integer', mark: 'integer', cause: 'text' }),
} as const satisfies Record<string, KindDefinition>;

/**
 * The registry of the reserved kinds and the caller's. `common` facts are allowed in each of the caller's kinds,
 * and in the reserved ones that a person may cause; a kind's own definition of a fact goes first. Throws `LogError`
 * if a reserved kind is defined anew, or if private fields have no keeper.
 */
export function defineKinds(
  kinds: Readonly<Record<string, KindDefinition>>,
  common: Readonly<Record<string, FactType>> = {},
): KindRegistry {
  const registry = new Map<string, KindDefinition>();
  for (const [kind, definition] of Object.entries(reservedKinds)) {
    const alone = kind === 'log.opened' || kind === 'seal';
    registry.set(kind, alone ? definition : { ...definition, facts: { ...common, ...definition.facts } });
  }
  for (const [kind, definition] of Object.entries(kinds)) {
    if (registry.has(kind)) throw new LogError('draft', `The kind ${kind} is reserved.`);
    if (definition.private.length > 0 !== (definition.keeper !== '')) {
      throw new LogError('draft', `The kind ${kind} has private fields and no keeper, or the reverse.`);
    }
    registry.set(kind, { ...definition, facts: { ...common, ...definition.facts } });
  }
  return registry;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function hasType(value: unknown, type: FactType): boolean {
  if (typeof type === 'object') {
    if (!type.many) return isRecord(value) && findFault(value, type.record) === undefined;
    return (
      Array.isArray(value) && value.every((one) => isRecord(one) && findFault(one, type.record) === undefined)
    );
  }
  switch (type.replace('?', '')) {
    case 'text':
      return typeof value === 'string';
    case 'integer':
      return Number.isSafeInteger(value);
    case 'flag':
      return typeof value === 'boolean';
    default:
      return Array.isArray(value) && value.every((one) => typeof one === 'string');
  }
}

const isOptional = (type: FactType): boolean =>
  typeof type === 'object' ? type.optional === true : type.endsWith('?');

/** The first fact that is missing, unknown or of another type; undefined if all is as defined. */
function findFault(
  facts: Readonly<Record<string, unknown>>,
  types: Readonly<Record<string, FactType>>,
): string | undefined {
  for (const name of Object.keys(facts)) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined || !hasType(facts[name], type)) return name;
  }
  return Object.entries(types).find(([name, type]) => !isOptional(type) && !Object.hasOwn(facts, name))?.[0];
}

/**
 * Throws `LogError` unless the draft's kind is registered and it has exactly the facts and private fields that
 * the registry allows, with the keeper among its subjects. The message names the field, never its value.
 */
export function checkDraft(
  registry: KindRegistry,
  draft: Pick<Draft, 'kind' | 'subjects' | 'facts'> & { readonly private: object },
): void {
  const definition = registry.get(draft.kind);
  if (definition === undefined) throw new LogError('draft', 'The kind is not registered.');
  const fault = findFault(draft.facts, definition.facts);
  if (fault !== undefined)
    throw new LogError('draft', `In ${draft.kind} the fact ${fault.slice(0, 40)} is not as registered.`);
  const fields = Object.keys(draft.private);
  if (fields.some((name) => !definition.private.includes(name))) {
    throw new LogError('draft', `In ${draft.kind} a private field is not registered.`);
  }
  if (fields.length > 0 && !draft.subjects.some((id) => id.startsWith(`${definition.keeper}:`))) {
    throw new LogError('draft', `In ${draft.kind} the keeper of the private fields is no subject.`);
  }
}
