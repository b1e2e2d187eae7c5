/** `custos demo`: a county with its past, in a temporary folder, served on loopback until it is stopped. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeToken } from '../../compose/first-run.ts';
import { initNode } from '../../compose/init.ts';
import { openParts } from '../../compose/parts.ts';
import { readConfig } from '../../config.ts';
import { createPasswords } from '../../crypto/password.ts';
import { composeService } from '../../main.ts';
import { cast, founders, passwordOf, townNames } from './cast.ts';
import { demoClips } from './clips.ts';
import { seedHistory } from './history.ts';
import { demoSettings } from './once.ts';
import { seedPeople } from './people.ts';
import { SetClock, Stage } from './stage.ts';

export interface ServeOptions {
  readonly port?: string | undefined;
  readonly database?: string | undefined;
  readonly store?: string | undefined;
}

/** Passwords of people who do not exist are hashed cheaply: the whole past is played in seconds. */
const cheapPasswords = () => createPasswords({ memory: 64, passes: 1, lanes: 1 }, { atOnce: 2, waiting: 64 });
const never = 2_147_483_647;

/** Seeds and serves; resolves once it was stopped and everything removed. */
export async function serveDemo(options: ServeOptions, out: (line: string) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'custos-demo-'));
  try {
    const { config } = readConfig(process.env, {
      ...demoSettings(folder, options),
      'server.port': options.port ?? '8080',
    });
    const now = Date.now();
    const clock = new SetClock(now - 31 * 86_400_000);
    const node = await initNode(config, { kind: 'key-file' }, 'demo.custos.example', clock.now);
    // The log begins a month ago; the first-run token is good for an hour of the machine's clock.
    const { token } = writeToken(config, now);
    out('playing thirty days of four centres …');
    const parts = await openParts(config, { clock, passwords: cheapPasswords(), sealAfterMs: never });
    try {
      const stage = new Stage(parts, clock);
      const centres = await seedPeople(stage, token);
      await seedHistory(stage, centres, now, await demoClips(folder));
    } finally {
      await parts.close({ seal: false });
    }
    const service = await composeService(config, { logLine: () => undefined });
    const { url, healthUrl } = await service.start();
    for (const line of welcome(url, healthUrl, node.trustFile)) out(line);
    await stopped();
    await service.close(1_000);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const stopped = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });

function welcome(url: string, healthUrl: string, trust: string): string[] {
  const places = { county: '县', ...townNames };
  const rows = [
    ...Object.entries(founders).map(([office, { account, name }]) => ({
      account,
      name,
      offices: office,
      place: '县',
    })),
    ...cast.map(({ account, name, offices, place }) => ({
      account,
      name,
      offices: offices.join(', '),
      place: places[place],
    })),
  ];
  return [
    '',
    '演示数据 · demonstration data: nobody here exists, and everything is removed when you stop it (Ctrl+C).',
    '',
    'Who can sign in (POST /api/v1/sessions {"name", "password"}):',
    ...rows.map(
      ({ account, name, offices, place }) =>
        `  ${account.padEnd(6)} ${passwordOf(account).padEnd(34)} ${name}  ${place}  ${offices}`,
    ),
    '',
    `API          ${url}/api/v1/openapi.json`,
    `Health       ${healthUrl}/readyz`,
    `Trust file   ${trust}  (for custos verify --trust)`,
    '',
  ];
}
