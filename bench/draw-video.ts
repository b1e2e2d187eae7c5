/**
 * Draws a long video once and keeps it outside the repository: moving test pattern with noise and sound, H.264 and AAC
 * in MP4, at 60 Mb/s, so that a GiB takes under two minutes to draw. No real place, person or face.
 *
 *     node bench/draw-video.ts [MIB]        prints the path; default 1024 MiB
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { needProgram } from '../test/servers/process.ts';

const run = promisify(execFile);

/** Where drawn videos are kept. */
const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'custos-bench');

/** A video of at least `mib` MiB at `megabits` Mb/s; drawn when it is not there yet. Throws `Missing` without ffmpeg. */
export async function videoOf(mib: number, megabits = 60): Promise<string> {
  const name = megabits === 60 ? `pattern-${mib}.mp4` : `pattern-${mib}-${megabits}.mp4`;
  const file = join(cacheFolder(), name);
  if (existsSync(file)) return file;
  const ffmpeg = needProgram('ffmpeg', 'ffmpeg (Debian: apt-get install ffmpeg)');
  await mkdir(cacheFolder(), { recursive: true });
  const seconds = Math.ceil((mib * 2 ** 20 * 8 * 1.03) / (megabits * 1e6));
  const rate = `${megabits}M`;
  const beside = `${file}.part.mp4`;
  const picture = 'testsrc2=size=1280x720:rate=25,noise=alls=30:allf=t';
  const pieces = [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', picture],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:beep_factor=4', '-t', `${seconds}`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '50'],
    ...['-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate],
    ...['-c:a', 'aac', '-b:a', '128k', '-movflags', '+faststart', beside],
  ];
  await run(ffmpeg, pieces, { timeout: 600_000 });
  const { size } = await stat(beside);
  if (size < mib * 2 ** 20) throw new Error(`The video came out as ${size} bytes only.`);
  await rename(beside, file);
  return file;
}

if (import.meta.main) console.log(await videoOf(Number(process.argv[2] ?? 1024)));
