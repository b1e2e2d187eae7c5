/** What a test turns by hand: the clock, chance, a count of passwords, and the ear for endings and notices. */
import { createHash } from 'node:crypto';
import type { Chance, Clock, Ending, Live, Notice, Passwords } from '../../src/acts/ports/outside.ts';
import { systemClock } from '../../src/compose/clock.ts';

/** A clock that stands still until it is turned. */
export class TurnableClock implements Clock {
  wall: number;
  #monotonic = 1_000_000;
  #real: Clock;

  constructor(wall: number) {
    this.wall = wall;
    this.#real = this.#begun();
  }

  #begun(): Clock {
    return systemClock({ wall: () => this.wall, monotonic: () => this.#monotonic });
  }

  /** Time passes: both clocks go on. */
  turn(ms: number): void {
    this.wall += ms;
    this.#monotonic += ms;
  }

  /** The wall clock alone is set, as by a wrong time server (R46, R47). */
  jump(ms: number): void {
    this.wall += ms;
  }

  /** The process begins anew: it remembers nothing but what the log says. */
  restart(): void {
    this.#real = this.#begun();
  }

  judge(mark: number) {
    return this.#real.judge(mark);
  }

  confirm(mark: number): void {
    this.#real.confirm(mark);
  }

  allow(lag: number): void {
    this.#real.allow(lag);
  }

  monotonic(): number {
    return this.#monotonic;
  }
}

/** Ids and bytes that are the same in every run with the same seed. */
export class SeededChance implements Chance {
  readonly #seed: string;
  readonly #clock: TurnableClock;
  #drawn = 0;

  constructor(seed: string, clock: TurnableClock) {
    this.#seed = seed;
    this.#clock = clock;
  }

  #block(): Buffer {
    this.#drawn += 1;
    return createHash('sha256').update(`${this.#seed}/${this.#drawn}`).digest();
  }

  bytes(size: number): Uint8Array {
    const blocks: Buffer[] = [];
    for (let have = 0; have < size; have += 32) blocks.push(this.#block());
    return Uint8Array.from(Buffer.concat(blocks).subarray(0, size));
  }

  id(): string {
    const time = this.#clock.wall.toString(16).padStart(12, '0');
    const random = this.#block().toString('hex');
    const variant = ((Number.parseInt(random.slice(3, 4), 16) & 3) | 8).toString(16);
    const parts = [time.slice(0, 8), time.slice(8), `7${random.slice(0, 3)}`];
    return [...parts, `${variant}${random.slice(4, 7)}`, random.slice(7, 19)].join('-');
  }
}

/** Remembers what was cut and who was told. */
export class Ear implements Live {
  endings: Ending[] = [];
  notices: Notice[] = [];

  async end(endings: readonly Ending[]): Promise<void> {
    this.endings.push(...endings);
  }

  tell(notices: readonly Notice[]): void {
    this.notices.push(...notices);
  }
}

/** Real passwords, and a note of every piece of work that was done for them (X44). */
export class CountedPasswords implements Passwords {
  readonly verified: (string | null)[] = [];
  hashed = 0;
  readonly #real: Passwords;

  constructor(real: Passwords) {
    this.#real = real;
  }

  hash(password: string): Promise<string> {
    this.hashed += 1;
    return this.#real.hash(password);
  }

  verify(password: string, stored: string | null): Promise<boolean> {
    this.verified.push(stored);
    return this.#real.verify(password, stored);
  }
}
