/** The facts of the kinds that the log writes about itself (custody-log L2.6, L5.1, L6, L8), read strictly. */
import { isHash } from './bytes.ts';
import { isCount, isFieldName, isObject, type Json } from './canonical.ts';

function hasOnly(facts: Json, required: readonly string[], optional: readonly string[] = []): boolean {
  const names = Object.keys(facts);
  return (
    required.every((name) => names.includes(name)) &&
    names.every((name) => required.includes(name) || optional.includes(name))
  );
}

interface SealFacts {
  readonly epoch: number;
  readonly keys: number;
  readonly map: string;
  readonly prev?: { readonly leaf: string; readonly seq: number };
  readonly stamp?: { readonly sha256: string; readonly size: number };
}

/** L5.1, or undefined for facts that no seal has. */
export function sealFacts(facts: Json): SealFacts | undefined {
  if (!hasOnly(facts, ['epoch', 'keys', 'map'], ['prev', 'stamp'])) return undefined;
  const { epoch, keys, map, prev, stamp } = facts;
  if (!isCount(epoch, 0) || !isCount(keys, 0) || !isHash(map)) return undefined;
  if (prev !== undefined) {
    if (!isObject(prev) || !hasOnly(prev, ['leaf', 'seq']) || !isHash(prev.leaf) || !isCount(prev.seq, 1))
      return undefined;
  }
  if (stamp !== undefined) {
    if (!isObject(stamp) || !hasOnly(stamp, ['sha256', 'size'])) return undefined;
    if (!isHash(stamp.sha256) || !isCount(stamp.size, 1)) return undefined;
  }
  return facts as unknown as SealFacts;
}

/** L2.6 `log.opened`: the vkey of epoch 0, or undefined for facts that do not open a log. */
export function openedVkey(facts: Json): string | undefined {
  if (!hasOnly(facts, ['epoch', 'vkey'], ['continues', 'reason'])) return undefined;
  if (facts.epoch !== 0 || typeof facts.vkey !== 'string') return undefined;
  if ('continues' in facts !== 'reason' in facts) return undefined;
  const { continues } = facts;
  if (continues !== undefined) {
    if (!isObject(continues) || !hasOnly(continues, ['origin', 'root', 'size'])) return undefined;
    if (typeof continues.origin !== 'string' || !isHash(continues.root) || !isCount(continues.size, 1))
      return undefined;
  }
  return facts.vkey;
}

interface RotationFacts {
  readonly epoch: number;
  readonly sig: string;
  readonly vkey: string;
}

/** L6 `key.rotated`, or undefined. */
export function rotationFacts(facts: Json): RotationFacts | undefined {
  const { epoch, sig, vkey } = facts;
  if (!hasOnly(facts, ['epoch', 'sig', 'vkey']) || !isCount(epoch, 1)) return undefined;
  if (typeof sig !== 'string' || !/^[0-9a-f]{128}$/.test(sig) || typeof vkey !== 'string') return undefined;
  return { epoch, sig, vkey };
}

export interface Erasure {
  readonly seq: number;
  readonly names: readonly string[];
}

/** L8 `erased`: what it names, or undefined for facts that erase nothing. */
export function erasedTargets(facts: Json): readonly Erasure[] | undefined {
  const { targets } = facts;
  if (!hasOnly(facts, ['basis', 'targets']) || !Array.isArray(targets) || targets.length === 0)
    return undefined;
  for (const target of targets as readonly unknown[]) {
    if (!isObject(target) || !hasOnly(target, ['names', 'seq']) || !isCount(target.seq, 0)) return undefined;
    const { names } = target;
    if (!Array.isArray(names) || names.length === 0) return undefined;
    if (!names.every((name) => typeof name === 'string' && isFieldName(name))) return undefined;
  }
  return targets as readonly Erasure[];
}
