/** A node of its own with people, one recording in it, and somebody who may watch it: what most of the bench needs. */
import { type IncomingMessage, request } from 'node:http';
import { apply, approve, open, setUp, takeIn } from '../src/cli/demo/chain.ts';
import type { Client } from '../src/cli/demo/client.ts';
import { demoSettings, newNode } from '../src/cli/demo/once.ts';
import { startOwnNode } from '../src/cli/demo/own-node.ts';

export interface BenchNode {
  readonly url: string;
  readonly centre: string;
  readonly custodian: Client;
  readonly requester: Client;
  /** Takes `file` in and grants it; each call of what it answers opens a viewing and gives the address of its bytes. */
  watchable(file: string): Promise<() => Promise<string>>;
  stop(): Promise<void>;
}

/** Starts it in `folder`; `settings` are `section.key` → value. */
export async function benchNode(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
  store?: string,
): Promise<BenchNode> {
  const flags = {
    ...demoSettings(folder, { store }),
    'viewing.aheadMs': '0',
    'limits.rateScale': '1000',
    'viewing.streamsPerPerson': '64',
    ...settings,
  };
  const { token, trustFile } = await newNode(flags);
  const node = await startOwnNode({ folder, flags });
  const { url } = node;
  const say = (): void => undefined;
  const { centre, people } = await setUp({ url, token, trustFile, folder, file: '', say });
  return {
    url,
    centre,
    custodian: people.custodian.client,
    requester: people.requester.client,
    async watchable(file) {
      const { item } = await takeIn(people.custodian.client, file, centre);
      const grant = await approve(people.leader, await apply(people.requester.client, item));
      return async () => new URL(await open(people.requester.client, grant, item), url).href;
    },
    stop: () => node.stop(),
  };
}

/** Reads a response to its end and throws the bytes away; answers how many there were. */
export async function drain(url: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent: false, headers }, resolve).once('error', reject).end();
  });
  if ((response.statusCode ?? 0) >= 300)
    throw new Error(`${response.statusCode} from ${new URL(url).pathname.split('/')[1]}`);
  let bytes = 0;
  for await (const piece of response) bytes += (piece as Buffer).length;
  return bytes;
}
