/** `custos demo --once`: a node of its own in a temporary folder, the chain on one file, then everything removed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Initialised, initNode } from '../../compose/init.ts';
import { readConfig } from '../../config.ts';
import { walkChain } from './chain.ts';
import { startOwnNode } from './own-node.ts';

export interface OnceOptions {
  readonly file?: string | undefined;
  readonly database?: string | undefined;
  readonly store?: string | undefined;
}

/** A clip that belongs to the project: a test pattern with a running clock, 8 s. */
export const ownClip = (): string => fileURLToPath(new URL('test-pattern.webm', import.meta.url));

/** Settings, `section.key`, of a node that lives in `folder` and listens on free ports of loopback. */
export function demoSettings(
  folder: string,
  { database, store }: Pick<OnceOptions, 'database' | 'store'>,
): Record<string, string> {
  return {
    'data.folder': join(folder, 'data'),
    'keys.folder': join(folder, 'keys'),
    'server.port': '0',
    'health.port': '0',
    ...(database ? { 'database.url': database } : {}),
    ...(store ? { 'store.url': store } : {}),
  };
}

/** A new node in `folder`, which the service of the same settings then runs. */
export function newNode(settings: Readonly<Record<string, string>>): Promise<Initialised> {
  const { config } = readConfig(process.env, settings);
  return initNode(config, { kind: 'key-file' }, 'demo.custos.example', Date.now());
}

/** Runs the chain once and prints a line a step with its time. Rejects at the first step that does not hold. */
export async function runOnce(options: OnceOptions, out: (line: string) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'custos-demo-'));
  const began = performance.now();
  const say = (step: string, ms: number): void =>
    out(`ok  ${String(Math.round(ms)).padStart(7)} ms  ${step}`);
  try {
    // Reading back is measured here, not watching: the pace of playing is off (R39).
    const settings = { ...demoSettings(folder, options), 'viewing.aheadMs': '0' };
    const { token, trustFile } = await newNode(settings);
    const node = await startOwnNode({ folder, flags: settings });
    say('start: a new node', performance.now() - began);
    try {
      await walkChain({
        url: node.url,
        token,
        file: options.file ?? ownClip(),
        folder: join(folder, 'verifier'),
        trustFile,
        say,
      });
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      out(`done in ${seconds} s; most memory of the service ${node.mostMemory() ?? '?'} MB`);
      await node.stop();
    } finally {
      await node.kill();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
