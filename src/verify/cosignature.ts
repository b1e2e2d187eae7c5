/**
 * Witness cosignatures (C2SP tlog-cosignature v1, type `0x04`; custody-log L7.3, D4): eight bytes of time, then an
 * Ed25519 signature over a header, the time and the checkpoint's text.
 */
import { bytesOf } from './bytes.ts';
import { type Note, signatureTypes, type VerifierKey } from './note.ts';
import type { Primitives } from './primitives.ts';

/** How far ahead of the verifier's clock a cosignature may be, in seconds. */
const ahead = 300;

/** Seconds since 1970 in the eight bytes at the head of a cosignature; undefined over 2^53 − 1 or for another length. */
export function cosignatureTime(signature: Uint8Array): number | undefined {
  if (signature.length !== 72) return undefined;
  let seconds = 0n;
  for (const byte of signature.subarray(0, 8)) seconds = seconds * 256n + BigInt(byte);
  return seconds <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seconds) : undefined;
}

export type Cosigned =
  | { readonly state: 'absent' }
  /** A line under the witness's name and id that does not hold: the package is invalid. */
  | { readonly state: 'false' }
  /** Signed, but with time 0 or from the future: not counted. */
  | { readonly state: 'untimely'; readonly seconds: number }
  | { readonly state: 'counted'; readonly seconds: number };

/** What the witness `key` says about the checkpoint in `note`, at `now` (ms UTC). */
export function cosignedBy(primitives: Primitives, note: Note, key: VerifierKey, now: number): Cosigned {
  let best: Cosigned = { state: 'absent' };
  for (const line of note.signatures) {
    if (line.name !== key.name || line.id !== key.id) continue;
    const seconds = cosignatureTime(line.signature);
    if (seconds === undefined || key.type !== signatureTypes.witness) return { state: 'false' };
    const message = bytesOf(`cosignature/v1\ntime ${seconds}\n${note.text}`);
    if (!primitives.ed25519Verify(line.signature.subarray(8), message, key.key)) return { state: 'false' };
    const isTimely = seconds > 0 && seconds * 1000 <= now + ahead * 1000;
    if (isTimely) best = { state: 'counted', seconds };
    else if (best.state !== 'counted') best = { state: 'untimely', seconds };
  }
  return best;
}
