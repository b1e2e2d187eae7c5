/** Where bytes are sealed and opened on this node: blob store, uploads, viewings, media tools, titles (K3–K7). */
import type { BlobStore } from '../acts/ports/blob.ts';
import type { IntakeVault } from '../acts/ports/intake-vault.ts';
import type { Prober, Scanner } from '../acts/ports/media.ts';
import type { Reads } from '../acts/ports/tables.ts';
import type { Doors } from '../api/doors.ts';
import { openBlobStore } from '../blob/open.ts';
import { type Config, storeUrl } from '../config.ts';
import { examine } from '../media/examine.ts';
import { openProber } from '../media/probe.ts';
import { openScanner } from '../media/scan.ts';
import { intakeVault } from '../vault/finish.ts';
import { type IntakeStore, intakeStore } from '../vault/intake-store.ts';
import type { KeyLeaves, KeyPlace } from '../vault/leaves.ts';
import { type Pacer, pace } from '../vault/pace.ts';
import { type FieldPrivacy, fieldPrivacy } from '../vault/privacy.ts';
import { Recent } from '../vault/recent.ts';
import { type TitleIndex, titleIndex } from '../vault/titles.ts';
import { uploadLocks } from '../vault/upload-lock.ts';
import { type IntegrityAlarm, type OpenItems, openItems } from '../vault/viewing-reader.ts';

export interface NodeVault {
  readonly blob: BlobStore;
  readonly uploads: IntakeStore;
  readonly intakes: IntakeVault;
  readonly privacy: FieldPrivacy;
  readonly titles: TitleIndex;
  readonly prober: Prober;
  readonly scanner: Scanner;
  readonly findKey: (subject: string) => Promise<KeyPlace | undefined>;
  readonly contents: OpenItems;
  /** Forgets what was opened. */
  wipe(): void;
}

/** What may go at once after a start or a seek, ms of media (portal 4). */
const burstMs = 10_000;

/** Opens the blob store that the configuration names; rejects with `RangeError` or the store's own error. */
export const openBlobs = (config: Config): Promise<BlobStore> => {
  const { accessKey, secretKey } = config.store;
  const credentials = { accessKey, secretKey: () => secretKey.bytes.toString('utf8') };
  return openBlobStore(storeUrl(config), accessKey === '' ? undefined : credentials);
};

/** `alarm` is called for each failure to open that only alteration or damage explains. */
export async function openVault(
  config: Config,
  leaves: KeyLeaves,
  reads: Reads,
  alarm: IntegrityAlarm,
): Promise<NodeVault> {
  const blob = await openBlobs(config);
  const findKey = (subject: string) => reads.one('subjectKey', { id: subject });
  const privacy = fieldPrivacy(leaves, findKey);
  const titles = titleIndex(reads, privacy);
  const uploads = intakeStore(blob, leaves, uploadLocks(blob));
  const contents = openItems(blob, leaves, alarm);
  const prober = openProber();
  const scanner = openScanner(config.scan.clamd);
  return {
    blob,
    uploads,
    privacy,
    titles,
    prober,
    scanner,
    findKey,
    intakes: intakeVault({
      blob,
      leaves,
      store: uploads,
      findKey,
      examine: (bytes) => examine(bytes, prober, scanner),
    }),
    contents,
    wipe() {
      contents.wipe();
      privacy.wipe();
      titles.wipe();
    },
  };
}

/** One pace for all requests of a viewing; the viewings used last are remembered (R39). */
export function pacings(config: Config): Doors['pacingOf'] {
  const { aheadMs } = config.viewing;
  if (aheadMs === 0) return () => undefined;
  const known = new Recent<string, Pacer>(10_000);
  return (viewing, averageBytesPerSecond) => {
    const held = known.get(viewing);
    if (held) return held;
    const burst = Math.min(burstMs, aheadMs);
    const made = pace({ averageBytesPerSecond, aheadMs, burstMs: burst, now: () => performance.now() });
    known.set(viewing, made);
    return made;
  };
}
