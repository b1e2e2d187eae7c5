/**
 * Seals and key changes (custody-log L5.1, L6): what a `seal` entry states, when one is due, and the text that a
 * new key signs. Reads no clock: all times come in, in milliseconds.
 */
import type { LogValue } from './entry.ts';

/** A seal follows the first unsealed entry within this time. */
export const sealWithinMs = 500;
/** An idle log is sealed again after this time. */
export const sealIdleMs = 15 * 60 * 1000;

/** What a seal states. `keys` and `map` are over all entries before it; `stamp` is the newest token no seal has named. */
export interface SealStatement {
  /** Epoch of the key that signs the checkpoint above this seal. */
  readonly epoch: number;
  readonly keys: number;
  readonly map: Uint8Array;
  readonly prev?: { readonly leaf: Uint8Array; readonly seq: number } | undefined;
  readonly stamp?: { readonly sha256: Uint8Array; readonly size: number } | undefined;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The facts of the `seal` entry. */
export function sealFacts({ epoch, keys, map, prev, stamp }: SealStatement): Record<string, LogValue> {
  return {
    epoch,
    keys,
    map: hex(map),
    ...(prev && { prev: { leaf: hex(prev.leaf), seq: prev.seq } }),
    ...(stamp && { stamp: { sha256: hex(stamp.sha256), size: stamp.size } }),
  };
}

/** Whether a seal is due now. `unsealedSince`: when the first entry after the last seal was written, if any. */
export function sealDue(state: {
  readonly now: number;
  readonly lastSealAt: number;
  readonly unsealedSince: number | undefined;
}): boolean {
  const { now, lastSealAt, unsealedSince } = state;
  if (unsealedSince !== undefined && now - unsealedSince >= sealWithinMs) return true;
  return now - lastSealAt >= sealIdleMs;
}

/** The text that the new key signs at a rotation; `sig` of `key.rotated` is the hex of that signature (L6). */
export function keyRotationText(origin: string, epoch: number, vkey: string): string {
  return `custos-key/v1\n${origin}\n${epoch}\n${vkey}\n`;
}
