/**
 * A real S3 store for tests: Ceph with one monitor, one object daemon and the radosgw gateway, on loopback, in memory
 * or on disk. No manager daemon, so calls of the `ceph` command are bounded in time.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Children, freePorts, makeFolder, needProgram, run, until } from './process.ts';

export interface S3Server {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  stop(): Promise<void>;
}

const INSTALL = 'Ceph (Debian: apt-get install --no-install-recommends ceph-mon ceph-osd radosgw)';
const PROGRAMS = ['monmaptool', 'ceph-mon', 'ceph', 'ceph-osd', 'radosgw', 'radosgw-admin'] as const;

/** Starts one in about two seconds. `disk` keeps objects in a file instead of memory. Throws `Missing`. */
export async function startRadosgw({ disk = false } = {}): Promise<S3Server> {
  const programs = PROGRAMS.map((name) => needProgram(name, INSTALL));
  const [monmaptool = '', cephMon = '', ceph = '', cephOsd = '', radosgw = '', admin = ''] = programs;
  const folder = await makeFolder('s3');
  const children = new Children(folder);
  const [front = 0, monitor1 = 0, monitor2 = 0] = await freePorts(3);
  const cluster = randomUUID();
  const osd = randomUUID();
  const accessKey = randomBytes(10).toString('hex');
  const secretKey = randomBytes(20).toString('hex');
  const endpoint = `http://127.0.0.1:${front}`;
  try {
    for (const part of ['mon', 'osd', 'rgw']) await mkdir(join(folder, part), { mode: 0o700 });
    await writeFile(join(folder, 'keyring'), '');
    const file = join(folder, 'ceph.conf');
    await writeFile(file, settings({ folder, cluster, disk, front, monitor1, monitor2 }));
    const conf = ['-c', file];
    const map = join(folder, 'monmap');
    const address = `[v2:127.0.0.1:${monitor2},v1:127.0.0.1:${monitor1}]`;
    await run(monmaptool, ['--create', '--clobber', '--fsid', cluster, '--addv', 'a', address, map]);
    await run(cephMon, [...conf, '--mkfs', '-i', 'a', '--monmap', map]);
    children.start(cephMon, [...conf, '-f', '-i', 'a']);
    await run(ceph, [...conf, '--connect-timeout', '10', 'osd', 'new', osd, '0']);
    await run(cephOsd, [...conf, '-i', '0', '--mkfs', '--osd-uuid', osd]);
    children.start(cephOsd, [...conf, '-f', '-i', '0']);
    children.start(radosgw, [...conf, '-f', '-n', 'client.rgw']);
    await until('radosgw', async () => (await fetch(endpoint)).ok);
    const user = ['user', 'create', '--uid=custos', '--display-name=custos'];
    const keys = [`--access-key=${accessKey}`, `--secret-key=${secretKey}`];
    await run(admin, [...conf, '-n', 'client.rgw', ...user, ...keys]);
  } catch (error) {
    await children.stop();
    throw error;
  }
  return {
    endpoint,
    region: 'us-east-1',
    accessKey,
    secretKey,
    // What lies in memory needs no orderly end; what lies on disk is removed with the folder.
    stop: () => children.stop('SIGKILL'),
  };
}

interface Layout {
  readonly folder: string;
  readonly cluster: string;
  readonly disk: boolean;
  readonly front: number;
  readonly monitor1: number;
  readonly monitor2: number;
}

function settings(layout: Layout): string {
  const { folder, cluster, disk, front, monitor1, monitor2 } = layout;
  const global = {
    fsid: cluster,
    'mon host': `[v2:127.0.0.1:${monitor2},v1:127.0.0.1:${monitor1}]`,
    'public addr': '127.0.0.1',
    'cluster addr': '127.0.0.1',
    'public network': '127.0.0.0/8',
    'ms bind ipv6': false,
    keyring: `${folder}/keyring`,
    'run dir': folder,
    'admin socket': '',
    'log file': `${folder}/$name.log`,
    'log to stderr': false,
    'crash dir': folder,
    ...withoutCephx(),
    ...onePlacementGroup(),
    // Agree at once: by default every change of the map waits for others to share its round.
    'paxos propose interval': 0.02,
    'paxos min wait': 0.01,
    'osd objectstore': disk ? 'bluestore' : 'memstore',
    'memstore device bytes': 4 * 1024 ** 3,
    'bluestore block size': 8 * 1024 ** 3,
    'bluestore cache autotune': false,
    'bluestore cache size': 128 * 1024 ** 2,
    'bluestore fsck on mount': false,
    'osd op num shards': 2,
    'osd op num threads per shard': 1,
  };
  return [
    section('global', global),
    section('mon.a', { 'mon data': `${folder}/mon/a` }),
    section('osd.0', { 'osd data': `${folder}/osd` }),
    section('client.rgw', gateway(folder, front)),
  ].join('\n');
}

/** One machine, no other users: without keys. The gateway would wait for ever for a mode that needs them. */
function withoutCephx(): Record<string, string> {
  const modes = [
    'ms mon client',
    'ms mon service',
    'ms mon cluster',
    'ms client',
    'ms service',
    'ms cluster',
  ];
  return {
    'auth cluster required': 'none',
    'auth service required': 'none',
    'auth client required': 'none',
    ...Object.fromEntries(modes.map((mode) => [`${mode} mode`, 'crc'])),
  };
}

function onePlacementGroup(): Record<string, string | number | boolean> {
  return {
    'osd pool default size': 1,
    'osd pool default min size': 1,
    'osd pool default pg num': 1,
    'osd pool default pgp num': 1,
    'osd pool default pg autoscale mode': 'off',
    'osd crush chooseleaf type': 0,
    'mon allow pool size one': true,
    'mon max pg per osd': 2000,
    'mon data avail warn': 1,
    'mon data avail crit': 1,
  };
}

function gateway(folder: string, port: number): Record<string, string | number | boolean> {
  const single = [
    'rgw reshard num logs',
    'rgw data log num shards',
    'rgw md log max shards',
    'rgw usage max shards',
  ];
  return {
    'rgw data': `${folder}/rgw`,
    // Without it each small answer waits 40 ms for an acknowledgement that the client delays.
    'rgw frontends': `beast endpoint=127.0.0.1:${port} tcp_nodelay=1`,
    'rgw thread pool size': 64,
    'rgw enable apis': 's3, admin',
    'rgw run sync thread': false,
    'rgw num rados handles': 1,
    ...Object.fromEntries(single.map((name) => [name, 1])),
    'rgw objexp hints num shards': 1,
    'rgw override bucket index max shards': 1,
    'rgw gc max objs': 2,
    'rgw lc max objs': 2,
    // Deleted bytes leave the memory within seconds.
    'rgw gc obj min wait': 1,
    'rgw gc processor period': 5,
    'rgw gc processor max time': 5,
  };
}

function section(name: string, values: Record<string, string | number | boolean>): string {
  return `[${name}]\n${Object.entries(values)
    .map(([key, value]) => `${key} = ${value}`)
    .join('\n')}\n`;
}
