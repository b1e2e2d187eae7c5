/** All findings of one object at intake (K5): type by its first bytes, probe, scan. The order is fixed; none decides. */
import type { Examination, MediaBytes, ProbeFinding, Prober, Scanner } from '../acts/ports/media.ts';
import { collect } from './boxes.ts';
import { SNIFF_BYTES, sniff, UNKNOWN_TYPE } from './sniff.ts';

/** Types of what only the decoder knows, by ffmpeg's name of the container. */
const CONTAINERS: Readonly<Record<string, string>> = {
  asf: 'video/x-ms-asf',
  dhav: 'video/x-dhav',
  flv: 'video/x-flv',
  h264: 'video/h264',
  hevc: 'video/h265',
  flac: 'audio/flac',
  amr: 'audio/amr',
  ac3: 'audio/ac3',
};

/** Reads the bytes up to three times; throws only when they cannot be read. */
export async function examine(bytes: MediaBytes, prober: Prober, scanner: Scanner): Promise<Examination> {
  const seen = sniff(await collect(bytes, 0, Math.min(SNIFF_BYTES, bytes.size)));
  const probed = await prober.probe(bytes);
  const scanned = await scanner.scan(bytes.size === 0 ? nothing() : bytes.read(0, bytes.size));
  return {
    mediaType: seen === UNKNOWN_TYPE ? typeOf(probed) : seen,
    durationMs: probed.found === 'media' ? probed.durationMs : null,
    probe: JSON.stringify(probed),
    scan: scanned.found === 'unavailable' ? 'not-scanned' : scanned.found,
    signature: scanned.found === 'infected' ? scanned.signature : null,
  };
}

function typeOf(probed: ProbeFinding): string {
  return (probed.found === 'media' && CONTAINERS[probed.container]) || UNKNOWN_TYPE;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
