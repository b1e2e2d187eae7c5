/**
 * What is in a recording (K7): ffprobe as a child with limits, fed through its standard input only. It may open nothing:
 * `-protocol_whitelist pipe`, and only containers that recorders and browsers make.
 */
import type { MediaBytes, MediaStream, ProbeFinding, Prober } from '../acts/ports/media.ts';
import { collect, headerBoxes } from './boxes.ts';
import { type ChildLimits, runChild } from './child.ts';
import { SNIFF_BYTES, sniff } from './sniff.ts';

const MIB = 1024 * 1024;
const HEAD_BYTES = 8 * MIB;
const TAIL_BYTES = 4 * MIB;
const LIMITS: ChildLimits = { time: 20_000, cpu: 15, memory: 2048 * MIB, output: 8 * MIB };
const FORMATS =
  'mov,matroska,mpegts,mpeg,avi,mp3,wav,ogg,flac,aac,asf,flv,dhav,h264,hevc,mpegvideo,m4v,mjpeg,amr,ac3,w64';
/** Types that are known and hold neither sound nor moving pictures: no decoder is asked. */
const STILL = /^(text|image|application)\//;
/** Containers without a duration in their head: the time stamps at both ends tell. */
const BY_STAMPS = /^(video\/mp2t|video\/mpeg|(audio|video)\/ogg)$/;

/** A prober that runs `ffprobe` (a name in the system's folders, or a full path). */
export function openProber(ffprobe = 'ffprobe', limits: ChildLimits = LIMITS): Prober {
  return { probe: (bytes) => probe(bytes, ffprobe, limits) };
}

async function probe(bytes: MediaBytes, ffprobe: string, limits: ChildLimits): Promise<ProbeFinding> {
  const type = sniff(await collect(bytes, 0, Math.min(SNIFF_BYTES, bytes.size)));
  if (bytes.size === 0 || (STILL.test(type) && type !== 'application/octet-stream'))
    return { found: 'not-media' };
  const stamps = BY_STAMPS.test(type);
  const entries = `format=format_name,duration,bit_rate:stream=codec_type,codec_name,width,height${
    stamps ? ':packet=pts_time,duration_time' : ''
  }`;
  const end = await runChild(
    ffprobe,
    [
      ...['-hide_banner', '-loglevel', 'quiet', '-protocol_whitelist', 'pipe', '-format_whitelist', FORMATS],
      ...['-probesize', `${HEAD_BYTES}`, '-analyzeduration', '10000000', '-max_streams', '64'],
      ...['-show_entries', entries, '-print_format', 'json=compact=1', '-i', 'pipe:0'],
    ],
    feedOf(bytes, type, stamps),
    limits,
  );
  switch (end.ended) {
    case 'missing':
      return { found: 'unavailable', reason: 'ffprobe is not installed.' };
    case 'too-long':
    case 'too-much':
      return { found: 'unavailable', reason: 'ffprobe passed its limits.' };
    case 'badly':
      return { found: 'not-media' };
    default:
      return findingOf(end.output, bytes.size);
  }
}

/** What ffprobe gets to see: header boxes of an MP4, both ends of a stream with time stamps, the head of all else. */
async function* feedOf(bytes: MediaBytes, type: string, stamps: boolean): AsyncGenerator<Uint8Array> {
  const boxes = /^(video|audio)\/(mp4|quicktime|3gpp)$/.test(type) ? await headerBoxes(bytes) : undefined;
  const head = { from: 0, to: Math.min(HEAD_BYTES, bytes.size) };
  const tail = { from: Math.max(head.to, bytes.size - TAIL_BYTES), to: bytes.size };
  for (const { from, to } of boxes ?? (stamps ? [head, tail] : [head])) {
    if (from < to) yield* bytes.read(from, to);
  }
}

function findingOf(output: Buffer, size: number): ProbeFinding {
  const told = parsed(output);
  if (!told) return { found: 'unavailable', reason: 'ffprobe gave no answer that can be read.' };
  const streams = list(told.streams).map(streamOf);
  const format = record(told.format);
  const container = typeof format.format_name === 'string' ? format.format_name : '';
  if (container === '' || !streams.some(({ kind }) => kind !== 'other')) return { found: 'not-media' };
  const seconds = stampedSeconds(list(told.packets)) ?? toldSeconds(format, size);
  const known = Number.isFinite(seconds) && seconds > 0 && seconds < 1e9;
  return { found: 'media', container, durationMs: known ? Math.round(seconds * 1000) : null, streams };
}

function streamOf(stream: Record<string, unknown>): MediaStream {
  const kind = stream.codec_type === 'video' || stream.codec_type === 'audio' ? stream.codec_type : 'other';
  const codec = typeof stream.codec_name === 'string' ? stream.codec_name : 'unknown';
  const { width, height } = stream;
  if (kind !== 'video' || typeof width !== 'number' || typeof height !== 'number') return { kind, codec };
  return { kind, codec, width, height };
}

/** As the container tells; plain sound tells it by its size and rate, off by no more than its tags. */
function toldSeconds(format: Record<string, unknown>, size: number): number {
  if (format.duration !== undefined) return Number(format.duration);
  const plain = /^(wav|w64|mp3|aac)$/.test(String(format.format_name));
  return plain ? (size * 8) / Number(format.bit_rate) : Number.NaN;
}

/** From the first to the end of the last packet; undefined without packets. */
function stampedSeconds(packets: readonly Record<string, unknown>[]): number | undefined {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { pts_time, duration_time } of packets) {
    const at = Number(pts_time ?? Number.NaN);
    if (!Number.isFinite(at)) continue;
    first = Math.min(first, at);
    last = Math.max(last, at + (Number(duration_time ?? 0) || 0));
  }
  return last > first ? last - first : undefined;
}

function parsed(output: Buffer): Record<string, unknown> | undefined {
  try {
    return record(JSON.parse(output.toString('utf8')));
  } catch {
    return undefined;
  }
}

function record(value: unknown): Record<string, unknown> {
  return value instanceof Object && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : [];
}
