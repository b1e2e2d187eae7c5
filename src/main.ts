/**
 * The service: configuration → keys → store → vault → acts → doors → listening (architecture.md, Layout). The parts are
 * put together in src/compose; here they begin and end together. Never answers a request before the log was checked.
 */
import { readFileSync } from 'node:fs';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Deps } from './acts/act.ts';
import type { Clock, Passwords } from './acts/ports/outside.ts';
import type { Doors } from './api/doors.ts';
import type { Env } from './api/env.ts';
import { type Listening, listen } from './api/listen.ts';
import { createApp } from './app.ts';
import { runAlone } from './compose/alone.ts';
import { type NodeLog, nodeLog } from './compose/app-log.ts';
import { doorSettings, openDoors } from './compose/doors.ts';
import { startJobs } from './compose/jobs.ts';
import { leaseOf, lookEveryMs } from './compose/live.ts';
import { openParts, type Parts } from './compose/parts.ts';
import { nodeHealth } from './compose/readiness.ts';
import type { Config } from './config.ts';
import { listenHealth } from './health/health.ts';
import { newMetrics } from './health/metrics.ts';
import type { SealMaterial } from './keys/unseal.ts';
import type { NodeLease } from './vault/node-lease.ts';

export interface ServiceOptions {
  /** Opens the seal where the configuration does not. */
  readonly material?: SealMaterial | undefined;
  /** In the place of the machine's clocks. */
  readonly clock?: Clock;
  /** In the place of the passwords of reliability.md 5. */
  readonly passwords?: Passwords;
  /** Takes the lines of the application log; without it they go to standard output. */
  readonly logLine?: (line: string) => void;
  /** False: no timers run; whoever asks turns them. */
  readonly jobs?: boolean;
}

export interface Addresses {
  /** Where people and programs come in. */
  readonly url: string;
  /** `/livez`, `/readyz`, `/metrics`. */
  readonly healthUrl: string;
}

export interface Service {
  readonly app: OpenAPIHono<Env>;
  readonly deps: Deps;
  readonly doors: Doors;
  readonly parts: Parts;
  readonly log: NodeLog;
  /** Resolves with why, once the service cannot go on: the log was refused (L5.4). */
  readonly ended: Promise<string>;
  /** Takes connections. */
  start(): Promise<Addresses>;
  /** Stops taking connections, lets requests end for `graceMs` (default 10 s), signs the log and forgets the keys. */
  close(graceMs?: number): Promise<void>;
}

const graceMs = 10_000;

/** Builds the service; nothing listens yet. Rejects as `openParts`. */
export async function composeService(config: Config, options: ServiceOptions = {}): Promise<Service> {
  const metrics = newMetrics();
  const log = nodeLog(metrics, options.logLine);
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const alone = runAlone(config);
  const parts = await openParts(config, {
    material: options.material,
    clock: options.clock,
    passwords: options.passwords,
    onLogState(state) {
      const tell = state.log === 'writing' || state.log === 'closed' ? log.event : log.alarm;
      tell('log', { state: state.log, ...('why' in state ? { why: state.why } : {}) });
      if (state.log === 'refused') end(`${state.code}: ${state.why}`);
    },
    alarm: (item, where) => log.alarm('integrity', { item, where }),
  }).catch((error: unknown) => {
    alone.free();
    throw error;
  });
  const lease = leaseOf(parts.store, parts.clock, parts.streams);
  const settings = doorSettings(parts);
  const doors = openDoors(parts, settings, lease, log);
  const app = createApp(doors);
  const looking = await keepLooking(lease);
  const jobs = options.jobs === false ? undefined : startJobs(parts, metrics, log);
  let listening: Listening | undefined;
  let health: Awaited<ReturnType<typeof listenHealth>> | undefined;
  let closing: Promise<void> | undefined;

  const close = async (grace: number): Promise<void> => {
    await jobs?.stop();
    const drained = listening?.close(grace);
    // Connections for notices have no end of their own; whoever hears one end asks again.
    parts.streams.cutWhere(({ grant, viewing }) => grant === null && viewing === null);
    await drained;
    clearInterval(looking);
    try {
      await parts.close({ seal: true });
    } finally {
      alone.free();
      await health?.close();
    }
  };

  return {
    app,
    deps: parts.deps,
    doors,
    parts,
    log,
    ended,
    async start() {
      const { host, port, hosts, origins } = config.server;
      listening = await listen(app.fetch, { host, port, ...tlsOf(config) }, () => settings.hosts);
      const scheme = config.server.certificate === '' ? 'http' : 'https';
      const own = namesOf(host, listening.address.port);
      if (hosts.length === 0) settings.hosts.push(...own);
      if (origins.length === 0) settings.origins.push(...own.map((name) => `${scheme}://${name}`));
      health = await listenHealth(nodeHealth(parts, lease, metrics), config.health);
      return {
        url: `${scheme}://${own[0]}`,
        healthUrl: `http://${config.health.host}:${health.address.port}`,
      };
    },
    close(grace = graceMs) {
      closing ??= close(grace);
      return closing;
    },
  };
}

/** The first look is waited for: without it not a byte may leave. */
async function keepLooking(lease: NodeLease): Promise<NodeJS.Timeout> {
  await lease.poll();
  return setInterval(() => void lease.poll(), lookEveryMs);
}

/** Names under which a service without configured ones is reached; a default port is left out by clients. */
function namesOf(host: string, port: number): string[] {
  const local = host === '127.0.0.1' || host === '::1' || host === '0.0.0.0';
  const bare = host.includes(':') ? `[${host}]` : host;
  return [bare, ...(local ? ['localhost'] : [])].map((name) => `${name}:${port}`);
}

function tlsOf({ server: { certificate, key } }: Config) {
  return certificate === '' ? {} : { tls: { cert: readFileSync(certificate), key: readFileSync(key) } };
}
