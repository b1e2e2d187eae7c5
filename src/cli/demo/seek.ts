/** A player's jump, by a program that is not ours: ffprobe opens the address of a viewing and reads in the middle of it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findTool } from '../../media/child.ts';
import { type Client, Unexpected } from './client.ts';

const run = promisify(execFile);

interface Told {
  readonly format?: { readonly duration: string };
  readonly packets?: readonly { readonly pts_time: string }[];
}

/** Whether the jump can be tried: ffprobe is here and the file is a video. */
export const canSeek = (file: string): boolean =>
  /\.(?:mp4|webm|mkv|mov)$/i.test(file) && findTool('ffprobe') !== undefined;

/** Rejects with `Unexpected` unless the first picture after the jump lies about the middle of the recording. */
export async function seekToMiddle({ url, cookie }: Client, content: string): Promise<void> {
  const ask = async (words: readonly string[]): Promise<Told> => {
    const fixed = ['-v', 'error', '-headers', `Cookie: ${cookie}\r\n`, '-of', 'json=compact=1'];
    const address = new URL(content, url).href;
    const { stdout } = await run(findTool('ffprobe') ?? 'ffprobe', [...fixed, ...words, address], {
      timeout: 60_000,
    });
    return JSON.parse(stdout) as Told;
  };
  const whole = await ask(['-show_entries', 'format=duration']);
  const middle = Number(whole.format?.duration) / 2;
  const part = [
    '-read_intervals',
    `${middle}%+1`,
    '-select_streams',
    'v',
    '-show_entries',
    'packet=pts_time',
  ];
  const [first] = (await ask(part)).packets ?? [];
  const found = Number(first?.pts_time);
  // A player jumps to the key picture before: a few seconds at most.
  if (!(Math.abs(found - middle) < 5)) throw new Unexpected(`the jump to ${middle} s found ${found} s`);
}
