/**
 * The head store as a file outside the database and its backups (custody-log L5.3). Only `create`, called by
 * `custos init`, makes one. Not trusted to be secret; whoever can put an older file back together with an older
 * database rolls the log back unseen by this node (L1, T2), which is what witnesses are for.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { FileLock } from './file-lock.ts';

/** The last signed note. One signer at a time; everyone may read. */
export interface HeadStore {
  /** Null when there is none. */
  read(): Promise<string | null>;
  /** Puts `next` in the place of exactly `old`; false when something else is there. Durable on return. */
  replace(old: string, next: string): Promise<boolean>;
  /** The first head; throws when there is one. */
  create(first: string): Promise<void>;
  /** True once this process is the signer; false while another is. */
  lock(): Promise<boolean>;
  unlock(): Promise<void>;
}

const swapWaitMs = 2_000;

export class HeadFile implements HeadStore {
  readonly #path: string;
  #lock: FileLock | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<string | null> {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  async replace(old: string, next: string): Promise<boolean> {
    const swap = FileLock.take(`${this.#path}.swap`, swapWaitMs);
    if (!swap) return false;
    try {
      if ((await this.read()) !== old) return false;
      this.#write(next);
      return true;
    } finally {
      swap.free();
    }
  }

  async create(first: string): Promise<void> {
    if (existsSync(this.#path)) throw new Error('There is a head already; a log is opened only once.');
    this.#write(first);
  }

  async lock(): Promise<boolean> {
    this.#lock ??= FileLock.take(`${this.#path}.signer`);
    return this.#lock !== null;
  }

  async unlock(): Promise<void> {
    this.#lock?.free();
    this.#lock = null;
  }

  #write(note: string): void {
    const beside = `${this.#path}.new`;
    const file = openSync(beside, 'w', 0o600);
    try {
      writeSync(file, note);
      fsyncSync(file);
    } catch (error) {
      unlinkSync(beside);
      throw error;
    } finally {
      closeSync(file);
    }
    renameSync(beside, this.#path);
    const folder = openSync(dirname(this.#path), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}
