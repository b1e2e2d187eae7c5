/** What the demonstration's cameras saw: the project's own test pattern, and longer ones where ffmpeg is there to draw them. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ownClip } from './once.ts';

export interface Clip {
  readonly file: string;
  readonly mediaType: string;
  readonly durationMs: number;
}

const seconds = 20;

/** Draws one moving test pattern with sound; false where there is no ffmpeg. */
function draw(file: string, source: string, tone: number): Promise<boolean> {
  const args = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'];
  const inputs = [
    '-f',
    'lavfi',
    '-i',
    `${source}=size=640x360:rate=12:duration=${seconds}`,
    '-f',
    'lavfi',
    '-i',
    `sine=frequency=${tone}:duration=${seconds}`,
  ];
  const encoding = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
    '-b:a',
    '32k',
    '-movflags',
    '+faststart',
    file,
  ];
  return new Promise((resolve) => {
    const child = spawn('ffmpeg', [...args, ...inputs, ...encoding], { stdio: 'ignore', timeout: 15_000 });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}

export async function demoClips(folder: string): Promise<Clip[]> {
  const clips: Clip[] = [{ file: ownClip(), mediaType: 'video/webm', durationMs: 8_000 }];
  const patterns = [
    ['testsrc2', 330],
    ['smptehdbars', 440],
  ] as const;
  for (const [source, tone] of patterns) {
    const file = join(folder, `${source}.mp4`);
    if (await draw(file, source, tone))
      clips.push({ file, mediaType: 'video/mp4', durationMs: seconds * 1_000 });
  }
  return clips;
}
