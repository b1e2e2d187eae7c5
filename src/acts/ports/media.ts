/**
 * What the media tools and the virus scanner say of clear bytes (K5, K7, S10). They are told nothing but the bytes, and
 * what they answer is a finding, never a permission: an act decides.
 */
import type { ScanState } from '../../domain/item.ts';

/** Clear bytes of one object in memory: any range, as often as needed. `to` is exclusive. */
export interface MediaBytes {
  readonly size: number;
  read(from: number, to: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface MediaStream {
  readonly kind: 'video' | 'audio' | 'other';
  /** The codec's name as ffmpeg gives it, e.g. `h264`. */
  readonly codec: string;
  /** Pixels; only for video. */
  readonly width?: number;
  readonly height?: number;
}

export type ProbeFinding =
  | {
      readonly found: 'media';
      /** The container's names as ffmpeg gives them, e.g. `mov,mp4,m4a,3gp,3g2,mj2`. */
      readonly container: string;
      /** Milliseconds; null when the bytes do not tell. */
      readonly durationMs: number | null;
      readonly streams: readonly MediaStream[];
    }
  /** Bytes that no decoder knows as sound or moving pictures. */
  | { readonly found: 'not-media' }
  /** The tool is missing, failed or took too long: nothing is known. */
  | { readonly found: 'unavailable'; readonly reason: string };

export interface Prober {
  /** Never throws for what the bytes hold; only for bytes that cannot be read. */
  probe(bytes: MediaBytes): Promise<ProbeFinding>;
}

export type ScanFinding =
  | { readonly found: 'clean' }
  | { readonly found: 'infected'; readonly signature: string }
  | { readonly found: 'unavailable'; readonly reason: string };

export interface Scanner {
  /** Never `clean` unless the scanner saw every byte and said so. Throws only for bytes that cannot be read. */
  scan(bytes: AsyncIterable<Uint8Array>): Promise<ScanFinding>;
  /** The scanner and its signatures, e.g. `ClamAV 1.4.6/27800/…`; null when it does not answer. */
  version(): Promise<string | null>;
}

/** All findings of one object, as the log keeps them. */
export interface Examination {
  /** As found in the bytes, `application/octet-stream` where nothing is known. */
  readonly mediaType: string;
  readonly durationMs: number | null;
  /** The probe's finding as JSON. */
  readonly probe: string;
  readonly scan: ScanState;
  readonly signature: string | null;
}
