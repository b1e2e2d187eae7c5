/** Making the package of an export that an act has logged (custody-log L9). */
import type { ExportWish } from '../log/export-log.ts';

export interface Packages {
  /**
   * The bytes of the `.custos.tar` for the export that entry `made` records: seals and signs first, then streams;
   * nothing is spooled. An error on the way leaves a package without end, which no verifier accepts.
   */
  package(wish: ExportWish, made: number): AsyncGenerator<Uint8Array, void, undefined>;
}
