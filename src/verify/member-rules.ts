/** How long each member may be, and which check fails when one is malformed (docs/formats/export-package.md). */
import { maxEntryBytes } from './entry.ts';
import type { Check } from './findings.ts';
import type { MemberKind } from './member-order.ts';

/** The most bytes a member that is read as a whole may have. */
export const limits: Readonly<Record<MemberKind, number>> = {
  export: 4096,
  checkpoint: 65_536,
  seal: maxEntryBytes,
  'seal-proof': 8192,
  map: 32_768,
  range: 16_384,
  key: 262_144,
  stamp: 65_536,
  proofs: Number.POSITIVE_INFINITY,
  entries: Number.POSITIVE_INFINITY,
  disclosed: Number.POSITIVE_INFINITY,
  csv: Number.POSITIVE_INFINITY,
  pdf: Number.POSITIVE_INFINITY,
  manifest: 67_108_864,
};

/** The check that a malformed member of each kind fails, and its code. */
export const faults: Readonly<Record<MemberKind, readonly [Check, string]>> = {
  export: ['scope', 'EXPORT_DOCUMENT'],
  checkpoint: ['checkpoint', 'CHECKPOINT_FORM'],
  seal: ['seal', 'SEAL_LAST'],
  'seal-proof': ['seal', 'SEAL_PROOF'],
  map: ['map', 'MAP_PROOF'],
  range: ['scope', 'SCOPE_RANGE'],
  key: ['keys', 'KEY_ROTATION'],
  stamp: ['stamps', 'STAMP_NAME'],
  proofs: ['tree', 'TREE_PROOFS'],
  entries: ['entries', 'ENTRY_LINE'],
  disclosed: ['disclosures', 'DISCLOSURE_FORM'],
  csv: ['csv', 'CSV_DIFFERS'],
  pdf: ['container', 'CONTAINER_MEMBER'],
  manifest: ['manifest', 'MANIFEST_FORM'],
};

/** The most bytes a line of `.disclosed` may have: what L2.3 allows fits. */
export const mostDisclosed = 8_388_608;
/** The most entries a part may have. */
export const mostInPart = 1000;
