/** Questions on a terminal; only ever asked when somebody can answer. */
import { createInterface } from 'node:readline/promises';

/** Asks on standard error, so that data on standard output stays clean; an empty answer is the fallback. */
export async function ask(question: string, fallback: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [${fallback}] `);
    return answer.trim() === '' ? fallback : answer.trim();
  } finally {
    terminal.close();
  }
}
