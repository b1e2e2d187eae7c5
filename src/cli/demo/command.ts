/** `custos demo [--once …]`: see the whole of it without setting anything up. Refuses to touch a node that is there. */
import { runOnce } from './once.ts';
import { serveDemo } from './serve.ts';

export interface DemoOptions {
  readonly once?: boolean;
  readonly file?: string;
  readonly database?: string;
  readonly store?: string;
  readonly port?: string;
}

export async function demo(options: DemoOptions): Promise<void> {
  const out = (line: string): void => void process.stdout.write(`${line}\n`);
  if (options.once) await runOnce(options, out);
  else await serveDemo(options, out);
}
