/** Short recordings made by a real ffmpeg: two seconds of a test picture and a tone. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];

const CLIPS = {
  'fast.mp4': [...H264, '-movflags', '+faststart'],
  'late.mp4': H264,
  'pieces.mp4': [...H264, '-movflags', '+frag_keyframe+empty_moov'],
  'clip.mov': H264,
  'clip.webm': ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libvorbis'],
  'clip.mkv': H264,
  'clip.ts': H264,
  'clip.mpg': ['-c:v', 'mpeg2video', '-c:a', 'mp2'],
  'clip.avi': ['-c:v', 'mpeg4', '-c:a', 'mp2'],
  'tone.wav': ['-vn'],
  'tone.mp3': ['-vn', '-c:a', 'libmp3lame'],
  'tone.ogg': ['-vn', '-c:a', 'libvorbis'],
} as const;

export type ClipName = keyof typeof CLIPS;
export type Clips = Readonly<Record<ClipName, Buffer>>;

/** Makes them all, at most two at a time. */
export async function makeClips(ffmpeg: string): Promise<Clips> {
  const folder = await mkdtemp(join(tmpdir(), 'custos-clips-'));
  const clips: Partial<Record<ClipName, Buffer>> = {};
  const waiting = (Object.keys(CLIPS) as ClipName[]).values();
  const worker = async () => {
    for (const name of waiting) {
      const picture = ['-f', 'lavfi', '-i', 'testsrc=duration=2:size=320x240:rate=25'];
      const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=2'];
      const file = join(folder, name);
      await run(ffmpeg, [
        '-loglevel',
        'error',
        '-y',
        ...picture,
        ...tone,
        ...CLIPS[name],
        '-threads',
        '1',
        file,
      ]);
      clips[name] = await readFile(file);
    }
  };
  try {
    await Promise.all([worker(), worker()]);
  } finally {
    await rm(folder, { recursive: true });
  }
  return clips as Clips;
}
