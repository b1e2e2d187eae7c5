/** nginx over one folder of plaintext files: the peer of watching. Undefined where it is not installed. */
import { mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Children, findProgram, freePorts, until } from '../test/servers/process.ts';

export interface Nginx {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startNginx(files: string): Promise<Nginx | undefined> {
  const program = findProgram('nginx');
  if (!program) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'custos-nginx-'));
  const [port] = await freePorts(1);
  const children = new Children(folder);
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1; user root;
events {} http { access_log off; sendfile on; root ${files}; server { listen 127.0.0.1:${port}; } }\n`,
  );
  children.start(program, ['-p', folder, '-c', join(folder, 'nginx.conf')]);
  const url = `http://127.0.0.1:${port}`;
  await until('nginx', async () => (await fetch(url)).status > 0);
  return { url, stop: () => children.stop() };
}
