/**
 * How a command ends badly: a stable code, words, and what to do next. Exit codes (portal 9): 1 fault, 2 usage, 3 a check
 * failed, 4 refused, 75 try again.
 */
import { problemTitles } from '../api/problem-titles.ts';
import type { Refusal } from '../domain/refusal.ts';

export type ExitCode = 1 | 2 | 3 | 4 | 75;

export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: string;
  readonly exit: ExitCode;
  readonly next: string;

  constructor(exit: ExitCode, code: string, message: string, next: string) {
    super(message);
    this.exit = exit;
    this.code = code;
    this.next = next;
  }
}

export const usageFailure = (message: string, next = 'See the command with --help.'): CommandFailure =>
  new CommandFailure(2, 'USAGE', message, next);

/** A rule said no: its code is the same as at every other door. */
export function refusedFailure({ refused, rule, fields = [] }: Refusal): CommandFailure {
  const where = fields.map(({ pointer, code }) => `${pointer} ${code}`).join(', ');
  const message = `${problemTitles[refused]}${rule ? ` (${rule})` : ''}${where ? ` ${where}` : ''}`;
  const again = refused === 'busy' || refused === 'log-unavailable' || refused === 'too-many-tries';
  return new CommandFailure(again ? 75 : 4, refused, message, `docs/problems/${refused}.md says more.`);
}

interface Known {
  readonly exit: ExitCode;
  readonly code: string;
  readonly next: string;
}

/** By the name of the error's class: adapters have their own. */
const known: Readonly<Record<string, Known>> = {
  ConfigError: {
    exit: 2,
    code: 'CONFIG',
    next: 'Run `custos config show --origin` to see what is set where.',
  },
  NotInitialised: {
    exit: 1,
    code: 'NOT_INITIALISED',
    next: 'Run `custos init`, or name the folders with --config.',
  },
  SealMissing: {
    exit: 1,
    code: 'NOT_INITIALISED',
    next: 'Run `custos init`, or name the folders with --config.',
  },
  AlreadySealed: {
    exit: 4,
    code: 'ALREADY_INITIALISED',
    next: 'Choose other folders; a node is never made over another one.',
  },
  StillSealed: {
    exit: 4,
    code: 'SEALED',
    next: 'Give the passphrase by CUSTOS_SEAL__PASSPHRASE_FILE, or the shares with --unseal-from FILE.',
  },
  UnsealRefused: {
    exit: 4,
    code: 'SEAL_REFUSED',
    next: 'Bring the material of the newest seal of this folder.',
  },
  ForeignRoot: {
    exit: 4,
    code: 'SEAL_REFUSED',
    next: 'Bring the material of the newest seal of this folder.',
  },
  KeyFileExposed: {
    exit: 3,
    code: 'KEY_FILE_EXPOSED',
    next: 'Close it with chmod 600, and think about who read it.',
  },
  KeyringRejected: {
    exit: 3,
    code: 'KEYRING_REJECTED',
    next: 'Put a good replica of the keyring in its place; this root key does not open what lies there.',
  },
  StoreRefused: { exit: 3, code: 'STORE_REFUSED', next: 'Run `custos doctor`.' },
  LogUnavailable: {
    exit: 75,
    code: 'LOG_UNAVAILABLE',
    next: 'Look at the database and its disk, then try again.',
  },
  AlreadyRunning: {
    exit: 75,
    code: 'ALREADY_RUNNING',
    next: 'End the other one first, or name another node.',
  },
  LockHeld: { exit: 75, code: 'LOCK_HELD', next: 'Wait for the process that holds it.' },
  Busy: { exit: 75, code: 'BUSY', next: 'Try again in a moment.' },
  RangeError: { exit: 2, code: 'USAGE', next: 'Run `custos config check`, or see the command with --help.' },
};

const logNext: Readonly<Record<string, string>> = {
  LOG_HEAD_MISSING:
    'Put the signed head (log-head.note in the keys folder) back; only `custos init` makes a new one.',
  LOG_ROLLED_BACK:
    'The database is older than what was signed: restore the newest copy. Nothing overrides this.',
  LOG_DIVERGED:
    'The database is not the one that was signed: restore the newest copy. Nothing overrides this.',
  LOG_BROKEN:
    'Run `custos log rebuild` if only derived tables were lost; otherwise restore the newest copy of the database.',
};

/** What any error means to the person at the machine. */
export function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  const { name, message, code } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { name: '', message: '' };
  if (name === 'LogRefused' && code)
    return new CommandFailure(3, code, message, logNext[code] ?? 'Run `custos doctor`.');
  const found = known[name];
  if (found) return new CommandFailure(found.exit, found.code, message, found.next);
  if (code && /^E[A-Z]+$/.test(code)) {
    return new CommandFailure(1, code, message, 'Look at the path, its owner and its mode.');
  }
  return new CommandFailure(1, 'FAULT', message || 'Something went wrong.', 'Run `custos doctor`.');
}
