/**
 * Export packages over store, keys and privacy (custody-log L9): the log is sealed and signed so that the signature
 * covers the export's own entry, private fields are opened where their keys still are, and bytes are streamed.
 */

import { type KindName, keeperPrefix } from '../acts/kinds.ts';
import type { ExportWish } from '../acts/log/export-log.ts';
import type { Privacy } from '../acts/ports/outside.ts';
import type { Packages } from '../acts/ports/packages.ts';
import { privateName } from '../acts/record.ts';
import { Secret } from '../crypto/secret.ts';
import { signingKeyFromSeed } from '../crypto/sign.ts';
import { Unopened } from '../crypto/wrap.ts';
import { exportPackage } from '../log/export.ts';
import { noteKey } from '../log/note-key.ts';
import { parseEntry } from '../log/parse-entry.ts';
import type { OpenField, SealedField } from '../store/export-reader.ts';
import type { Store } from '../store/store.ts';

/** What was sealed with a private field of the log (acts/record.ts). */
interface Kept {
  readonly salt: string;
  readonly value: unknown;
}

/** Opens a field under the key of its keeper; null where that key is gone. */
async function openField(privacy: Privacy, { entry, name, sealed }: SealedField): ReturnType<OpenField> {
  const { kind, subjects } = parseEntry(entry);
  const prefix = `${keeperPrefix(kind as KindName)}:`;
  // The entry does not say which of several subjects of a kind keeps its words: only the right key opens them.
  for (const { id } of subjects) {
    if (!id.startsWith(prefix)) continue;
    try {
      const text = await privacy.open(id, privateName(name), sealed);
      if (text === null) continue;
      const { salt, value } = JSON.parse(text) as Kept;
      return { value, salt: Buffer.from(salt, 'hex') };
    } catch (error) {
      if (!(error instanceof Unopened)) throw error;
    }
  }
  return null;
}

export interface PackageParts {
  readonly store: Store;
  readonly privacy: Privacy;
  readonly origin: string;
  readonly seed: Uint8Array;
}

export function packages({ store, privacy, origin, seed }: PackageParts): Packages {
  const { ledger } = store;
  const key = signingKeyFromSeed(new Secret(Uint8Array.from(seed)));
  const signer = { key: noteKey(origin, 1, key.publicKey), sign: (message: Uint8Array) => key.sign(message) };

  /** A signed head that covers `made`, with the subject's map proof against it. */
  const cover = async ({ scope }: ExportWish, made: number) => {
    let head = await ledger.seal();
    if (scope.kind !== 'subject') return { head, proof: undefined };
    const proved = await ledger.prove([scope.id]);
    head = proved.head;
    if (head.size <= made) throw new Error('The export is not covered by a signature.');
    return { head, proof: proved.proofs[0] };
  };

  return {
    async *package(wish, made) {
      const { head, proof } = await cover(wish, made);
      const open: OpenField = (field) =>
        wish.disclose === 'none' ? Promise.resolve(null) : openField(privacy, field);
      const reader = store.exportReader(head.size, open);
      const { scope, disclose } = wish;
      yield* exportPackage({ scope, disclose, made, checkpoint: head.note, signer, mapProof: proof }, reader);
    },
  };
}
