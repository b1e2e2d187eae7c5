/** What the machine itself adds to or takes from safety: modes, swap, core dumps, space, routes out (S5, K1, P4). */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freeShare } from '../../compose/readiness.ts';
import type { Config } from '../../config.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const kernelText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** What in a folder others than its owner may use; the public trust file may be read by all. */
function openToOthers(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const open = (path: string): boolean =>
    (statSync(path, { throwIfNoEntry: false })?.mode ?? 0) % 0o100 !== 0;
  // Empty lock files and the trust file hold nothing; the folder's own mode closes them too.
  const files = readdirSync(folder).filter((name) =>
    /\.(?:keyring|key|db|json|note)$|^first-run-token$/.test(name),
  );
  return [folder, ...files.map((name) => join(folder, name))].filter(open);
}

export function modes(config: Config): Finding {
  const { data, keys } = config;
  const folders = [data.folder, keys.folder, ...(keys.replica ? [keys.replica] : [])].map((folder) =>
    resolve(folder),
  );
  const open = folders.flatMap(openToOthers);
  if (open.length === 0) return ok('modes', 'Data and keys are for their owner alone.');
  return fail('modes', `Others may use ${open.join(', ')}.`, 'chmod 700 the folders and 600 the files.');
}

export function space(config: Config): Finding {
  const share = freeShare(existsSync(config.data.folder) ? config.data.folder : '.');
  const says = `${Math.round(share * 100)} % of the data's file system is free.`;
  if (share < 0.1)
    return fail('space', says, 'Make room: below a floor nothing is logged, and then nothing is opened.');
  return share < 0.2 ? warn('space', says, 'Plan for more room.') : ok('space', says);
}

export function swap(): Finding {
  const lines = kernelText('/proc/swaps')?.trim().split('\n');
  if (lines === undefined)
    return warn('swap', 'The system does not say whether it swaps.', 'See that keys cannot reach a disk.');
  if (lines.length <= 1) return ok('swap', 'No swap: keys in memory reach no disk.');
  return warn(
    'swap',
    'Swap is on: keys in memory may reach a disk.',
    'Turn it off, or encrypt it with a key made at each start.',
  );
}

export function coreDumps(): Finding {
  const [, soft] = /^Max core file size\s+(\S+)/m.exec(kernelText('/proc/self/limits') ?? '') ?? [];
  if (soft === '0') return ok('core dumps', 'Off.');
  return warn(
    'core dumps',
    'A crash may write memory, with keys in it, to a disk.',
    'Set LimitCORE=0 in the unit, or ulimit -c 0.',
  );
}

/** S5: the service runs on a network of its own; a default route is a way out. */
export function routes(): Finding {
  const four = (kernelText('/proc/net/route') ?? '')
    .split('\n')
    .slice(1)
    .filter((line) => line.split(/\s+/)[1] === '00000000');
  const six = (kernelText('/proc/net/ipv6_route') ?? '')
    .split('\n')
    .filter((line) => /^0{32} 00 /.test(line) && !line.trimEnd().endsWith(' lo'));
  if (four.length + six.length === 0) return ok('outbound routes', 'No default route is configured.');
  return warn(
    'outbound routes',
    'A default route leads out of this network (S5).',
    'Remove it, or see that the border lets nothing of this machine out.',
  );
}

export function node(): Finding {
  const [major = '0'] = process.versions.node.split('.');
  if (Number(major) < 24) return fail('node', `${process.version} is too old.`, 'Install Node 24 or newer.');
  return ok('node', `${process.version}, ${process.env.UV_THREADPOOL_SIZE} threads.`);
}

export function doors({ server, health }: Config): Finding {
  const local = (host: string): boolean => /^(?:127\.|::1$|localhost$)/.test(host);
  if (!local(health.host)) {
    return fail('doors', `Health and metrics are open at ${health.host}.`, 'Set health.host to 127.0.0.1.');
  }
  const behind = server.origins.some((origin) => origin.startsWith('https:'));
  if (local(server.host) || server.certificate !== '' || behind)
    return ok('doors', 'What leaves this machine is encrypted (S6).');
  return fail(
    'doors',
    `Plain HTTP is offered at ${server.host} (S6).`,
    'Set server.certificate and server.key, or put a TLS proxy in front and set server.origins.',
  );
}
