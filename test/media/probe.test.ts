import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { findTool } from '../../src/media/child.ts';
import { examine } from '../../src/media/examine.ts';
import { openProber } from '../../src/media/probe.ts';
import { openScanner } from '../../src/media/scan.ts';
import { compareClaim, sniff } from '../../src/media/sniff.ts';
import { notRun } from '../servers/needs.ts';
import { inMemory } from './bytes.ts';
import { type ClipName, type Clips, makeClips } from './clips.ts';

const ffmpeg = findTool('ffmpeg');
if (ffmpeg === undefined) console.warn(notRun('ffmpeg (Debian: apt-get install ffmpeg)'));

const video = (codec: string) => ({ kind: 'video', codec, width: 320, height: 240 });
const audio = (codec: string) => ({ kind: 'audio', codec });

const EXPECTED: readonly [ClipName, string, object[]][] = [
  ['fast.mp4', 'video/mp4', [video('h264'), audio('aac')]],
  ['late.mp4', 'video/mp4', [video('h264'), audio('aac')]],
  ['clip.mov', 'video/quicktime', [video('h264'), audio('aac')]],
  ['clip.webm', 'video/webm', [video('vp8'), audio('vorbis')]],
  ['clip.mkv', 'video/x-matroska', [video('h264'), audio('aac')]],
  ['clip.ts', 'video/mp2t', [video('h264'), audio('aac')]],
  ['clip.mpg', 'video/mpeg', [video('mpeg2video'), audio('mp2')]],
  ['clip.avi', 'video/x-msvideo', [video('mpeg4'), audio('mp2')]],
  ['tone.wav', 'audio/wav', [audio('pcm_s16le')]],
  ['tone.mp3', 'audio/mpeg', [audio('mp3')]],
  ['tone.ogg', 'audio/ogg', [audio('vorbis')]],
];

describe.skipIf(ffmpeg === undefined)('recordings made by ffmpeg', () => {
  const prober = openProber();
  let clips: Clips;
  beforeAll(async () => {
    clips = await makeClips(ffmpeg ?? '');
  });

  test.each(EXPECTED)(
    'K7: %s is probed from a pipe: type, streams and two seconds',
    async (name, type, streams) => {
      expect(sniff(clips[name])).toBe(type);
      const finding = await prober.probe(inMemory(clips[name]));
      expect(finding).toMatchObject({ found: 'media', streams });
      const { durationMs } = finding as { durationMs: number };
      expect(Math.abs(durationMs - 2_000)).toBeLessThan(120);
    },
  );

  test('K7: an MP4 whose samples are sent in pieces is probed; a duration that is not told stays null or true', async () => {
    const finding = await prober.probe(inMemory(clips['pieces.mp4']));
    expect(finding).toMatchObject({ found: 'media', streams: [video('h264'), audio('aac')] });
    const { durationMs } = finding as { durationMs: number | null };
    expect(durationMs === null || Math.abs(durationMs - 2_000) < 120).toBe(true);
  });

  test('K7: of an MP4 with its header at the end, only the header is fetched', async () => {
    const clip = clips['late.mp4'];
    const padding = Buffer.alloc(20_000_000);
    padding.writeUInt32BE(padding.length);
    padding.write('free', 4, 'latin1');
    const at = clip.readUInt32BE(0);
    const bytes = inMemory(Buffer.concat([clip.subarray(0, at), padding, clip.subarray(at)]));
    expect(await prober.probe(bytes)).toMatchObject({
      found: 'media',
      streams: [video('h264'), audio('aac')],
    });
    expect(bytes.handedOut()).toBeLessThan(100_000);
  });

  test('K7: cut, flipped and random bytes end in a finding, never in a fault', async () => {
    for (const name of ['fast.mp4', 'late.mp4', 'clip.webm', 'clip.ts'] as const) {
      const clip = clips[name];
      const flipped = Buffer.from(clip);
      for (let at = 40; at < flipped.length; at += 97) flipped[at] = (flipped[at] ?? 0) ^ 0x55;
      for (const bytes of [
        clip.subarray(0, 200),
        clip.subarray(0, clip.length / 2),
        flipped,
        randomBytes(70_000),
      ]) {
        expect(['media', 'not-media']).toContain((await prober.probe(inMemory(bytes))).found);
      }
    }
  });

  test('K7: a playlist that names an address opens no connection', async () => {
    let connections = 0;
    const server = createServer((_, answer) => answer.end());
    server.on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.ts`;
    // The zero byte keeps it from being known as text, so that the decoder is asked.
    const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n${address}\n#EXT-X-ENDLIST\n\0`;
    expect(await prober.probe(inMemory(playlist))).toEqual({ found: 'not-media' });
    const list = `ffconcat version 1.0\nfile '/etc/hostname'\nfile '${address}'\n\0`;
    expect(await prober.probe(inMemory(list))).toEqual({ found: 'not-media' });
    expect(connections).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });

  test('K7: a decoder that passes its limits is ended, and nothing is claimed', async () => {
    const limits = { time: 20_000, cpu: 15, memory: 2 ** 31, output: 10 };
    const finding = await openProber('ffprobe', limits).probe(inMemory(clips['fast.mp4']));
    expect(finding).toEqual({ found: 'unavailable', reason: 'ffprobe passed its limits.' });
    const slow = await openProber('ffprobe', { ...limits, output: 1e6, time: 1 }).probe(
      inMemory(clips['fast.mp4']),
    );
    expect(slow).toEqual({ found: 'unavailable', reason: 'ffprobe passed its limits.' });
  });

  test('K5: an examination without a scanner says not-scanned, and keeps what the bytes show', async () => {
    const found = await examine(inMemory(clips['late.mp4']), prober, openScanner(''));
    expect(found).toMatchObject({ mediaType: 'video/mp4', scan: 'not-scanned', signature: null });
    expect(JSON.parse(found.probe)).toMatchObject({ found: 'media', durationMs: found.durationMs });
    const empty = await examine(inMemory(''), prober, openScanner(''));
    expect(empty).toMatchObject({ mediaType: 'application/octet-stream', durationMs: null });
  });
});

test('S10: a text file that calls itself a film is no media, and the lie is found', async () => {
  const text = 'not a film at all\n'.repeat(50);
  expect(await openProber().probe(inMemory(text))).toEqual({ found: 'not-media' });
  expect(compareClaim('film.mp4', sniff(Buffer.from(text)))).toBe('differs');
});

test('K7: without ffprobe the probe says so', async () => {
  const finding = await openProber('/nowhere/ffprobe').probe(inMemory(randomBytes(5_000)));
  expect(finding).toEqual({ found: 'unavailable', reason: 'ffprobe is not installed.' });
});

test('K7: bytes that cannot be read are a fault, not a finding', async () => {
  const broken = {
    size: 10_000,
    // biome-ignore lint/correctness/useYield: it fails before its first piece.
    async *read(): AsyncGenerator<Uint8Array> {
      throw new Error('integrity');
    },
  };
  await expect(openProber().probe(broken)).rejects.toThrow('integrity');
});
