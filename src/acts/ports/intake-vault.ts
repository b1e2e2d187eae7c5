/**
 * What intake acts ask of the vault (K2.6, K3, K5, K7). The acts see wrapped keys, sealed bytes and findings,
 * never a clear key and never content.
 */

import type { ItemId } from '../../domain/ids.ts';
import type { Intake, ScanState } from '../../domain/item.ts';
import type { Refusal } from '../../domain/refusal.ts';

/** An object that is about to be filled. */
export interface NewObject {
  /** Random, without meaning, never used before. */
  readonly objectName: string;
  /** The object's DEK under the item's leaf (K2.6). */
  readonly wrappedDek: Uint8Array;
}

/** What was found in the bytes themselves; nothing here comes from the person who sent them. */
export interface Findings {
  /** Plaintext bytes. */
  readonly size: number;
  /** SHA-256 of the plaintext, 64 lower-case hex. */
  readonly sha256: string;
  /** SHA-256 of the envelope's header, 64 lower-case hex (K3.5). */
  readonly headerHash: string;
  readonly sealedManifest: Uint8Array;
  /** As found, `application/octet-stream` where nothing is known. */
  readonly mediaType: string;
  readonly durationMs: number | null;
  /** The probe's findings, JSON; '' where there are none. */
  readonly probe: string;
  readonly scan: ScanState;
  /** The scanner's name of what it found, or null. */
  readonly signature: string | null;
}

export interface IntakeVault {
  /** Makes a random DEK, wraps it under the leaf (`collection`, `keyIndex`) of `item` and forgets it. */
  prepareObject(
    item: ItemId,
    key: { readonly collection: string; readonly keyIndex: number },
  ): Promise<NewObject>;
  /**
   * Completes the object of an upload whose bytes are all there, probes and scans it. Idempotent: a repeat finds
   * the same. `upload-conflict` while bytes are missing; `file-refused` when they are not what was declared.
   */
  finish(intake: Intake): Promise<Findings | Refusal>;
}
