/**
 * How the command line speaks (portal 9): data to standard output, talk to standard error, JSON on request, silence on
 * request. Never prints a secret but the ones that a command exists to hand over once.
 */

export interface TalkOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** False: nothing is asked. */
  readonly input: boolean;
}

export interface Talk extends TalkOptions {
  /** The command's result: `lines` for people, `value` with `--json`. */
  data(lines: readonly string[], value: unknown): void;
  /** Something for the person who waits. */
  say(text: string): void;
  /** What must be read even with `--quiet`. */
  warn(text: string): void;
}

export function newTalk(options: TalkOptions): Talk {
  return {
    ...options,
    data(lines, value) {
      const text = options.json ? JSON.stringify(value, null, 2) : lines.join('\n');
      if (text !== '') process.stdout.write(`${text}\n`);
    },
    say(text) {
      if (!options.quiet) process.stderr.write(`${text}\n`);
    },
    warn: (text) => void process.stderr.write(`${text}\n`),
  };
}

const colours = { ok: 32, warn: 33, fail: 31 } as const;

/** A word in its colour, where standard output is a terminal and `NO_COLOR` is not set. */
export function painted(word: keyof typeof colours): string {
  const plain = !process.stdout.isTTY || (process.env.NO_COLOR ?? '') !== '';
  return plain ? word : `\u001b[${colours[word]}m${word}\u001b[0m`;
}
