/**
 * Time stamps (RFC 3161; custody-log L7.2, L9 `stamps/`). This build pins no authority, so every token is one of an
 * unknown authority and passed over: it neither anchors nor harms. Only its name is checked here.
 */
import type { Findings } from './findings.ts';

/** Whether a valid token of a pinned authority stamps the checkpoint: never in this build. */
export const isAnchored = false;

/** Checks that a token is named by its SHA-256. */
export function checkStampName(findings: Findings, name: string, sha256: string): void {
  if (name !== `stamps/${sha256}.tst`)
    findings.fail({
      check: 'stamps',
      code: 'STAMP_NAME',
      words: 'a token is not named by its own hash',
      file: name,
    });
}
