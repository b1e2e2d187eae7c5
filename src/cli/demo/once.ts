/** `custos demo --once`: a node of its own in a temporary folder, the chain on one file, then everything removed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { initNode } from '../../compose/init.ts';
import { readConfig } from '../../config.ts';
import { composeService } from '../../main.ts';
import { walkChain } from './chain.ts';

export interface OnceOptions {
  readonly file?: string | undefined;
  readonly database?: string | undefined;
  readonly store?: string | undefined;
}

/** A clip that belongs to the project: a test pattern with a running clock, 8 s. */
export const ownClip = (): string => fileURLToPath(new URL('test-pattern.webm', import.meta.url));

/** Configuration of a node that lives in `folder` and listens on a free port of loopback. */
export function demoConfig(
  folder: string,
  { database, store }: OnceOptions,
  more: Readonly<Record<string, string>> = {},
) {
  const { config } = readConfig(process.env, {
    'data.folder': join(folder, 'data'),
    'keys.folder': join(folder, 'keys'),
    'server.port': '0',
    'health.port': '0',
    ...(database ? { 'database.url': database } : {}),
    ...(store ? { 'store.url': store } : {}),
    ...more,
  });
  return config;
}

/** Runs the chain once and prints a line a step with its time. Rejects at the first step that does not hold. */
export async function runOnce(options: OnceOptions, out: (line: string) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'custos-demo-'));
  const began = performance.now();
  const say = (step: string, ms: number): void =>
    out(`ok  ${String(Math.round(ms)).padStart(7)} ms  ${step}`);
  try {
    // Reading back is measured here, not watching: the pace of playing is off (R39).
    const config = demoConfig(folder, options, { 'viewing.aheadMs': '0' });
    const node = await initNode(config, { kind: 'key-file' }, 'demo.custos.example', Date.now());
    const service = await composeService(config, { logLine: () => undefined });
    const { url } = await service.start();
    say('start: a new node', performance.now() - began);
    try {
      await walkChain({
        url,
        token: node.token,
        file: options.file ?? ownClip(),
        folder: join(folder, 'verifier'),
        trustFile: node.trustFile,
        say,
      });
    } finally {
      await service.close(1_000);
    }
    const most = Math.round(process.resourceUsage().maxRSS / 1024);
    out(`done in ${((performance.now() - began) / 1000).toFixed(1)} s; most memory ${most} MB`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
