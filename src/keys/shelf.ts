/**
 * One collection's keyring at work: the state in memory, kept as new as the files, and the writes, one at a time
 * over all processes (K2.2, K2.3).
 * Every write reads again under the lock, and memory changes only after every folder holds the new state.
 */
import { LEAF_COUNT, puncture, wipeTree } from '../crypto/puncture.ts';
import { withLock } from './lock.ts';
import {
  foldersWithLeaf,
  loadReplicas,
  markOf,
  type Place,
  type Replica,
  writeReplicas,
} from './replicas.ts';
import { newRing, type Ring } from './ring-file.ts';

/** Thrown for a collection that has no keyring in any folder. */
export class KeyringMissing extends Error {
  override readonly name = 'KeyringMissing';
  constructor() {
    super('The collection has no keyring.');
  }
}

/** Thrown when a collection has no index left to give. */
export class KeyringFull extends Error {
  override readonly name = 'KeyringFull';
  constructor() {
    super('The keyring of this collection is used up.');
  }
}

/** Thrown when a replica could not be shown to have lost a key (K9). */
export class PunctureUnproven extends Error {
  override readonly name = 'PunctureUnproven';
  constructor(folders: readonly string[]) {
    super(`The key could not be proven gone from: ${folders.join(', ')}`);
  }
}

/** Indices reserved by one write (K2.2). */
export const INDEX_BLOCK = 1_024;

/** A collection's keyring; see `Keyring` for what each method promises. */
export class Shelf {
  readonly #place: Place;
  readonly #lock: string;
  #cached: { ring: Ring; mark: string } | undefined;
  #block = { next: 0, end: 0 };
  #reserving: Promise<unknown> = Promise.resolve();

  constructor(place: Place, lock: string) {
    this.#place = place;
    this.#lock = lock;
  }

  /** The newest state on disk, from memory when no file was replaced since. */
  current(): Ring {
    const mark = markOf(this.#place);
    if (this.#cached?.mark === mark) return this.#cached.ring;
    const { ring } = loadReplicas(this.#place);
    if (ring === undefined) throw new KeyringMissing();
    return this.#adopt(ring, mark);
  }

  async create(): Promise<boolean> {
    return await withLock(this.#lock, async () => {
      if (loadReplicas(this.#place).ring !== undefined) return false;
      await this.#write(newRing());
      return true;
    });
  }

  /** One reservation after another, so that a block is neither drawn twice nor handed out twice. */
  async reserve(): Promise<number> {
    const turn = this.#reserving.then(() => this.#reserveNow());
    // The next one takes its turn whether or not this one succeeds.
    this.#reserving = turn.catch(() => undefined);
    return await turn;
  }

  async puncture(index: number): Promise<number> {
    return await withLock(this.#lock, async () => {
      const { ring, agreed } = this.#reload();
      const changed = puncture(ring.tree, index);
      const written = changed || !agreed ? await this.#write(ring) : ring;
      const left = foldersWithLeaf(this.#place, index);
      if (left.length > 0) throw new PunctureUnproven(left);
      return written.sequence;
    });
  }

  /** Makes missing, damaged or older copies good. */
  async heal(): Promise<void> {
    await withLock(this.#lock, async () => {
      const { ring, agreed } = this.#reload();
      if (!agreed) await this.#write(ring);
    });
  }

  replicas(): readonly Replica[] {
    return loadReplicas(this.#place).replicas;
  }

  close(): void {
    if (this.#cached) wipeTree(this.#cached.ring.tree);
    this.#cached = undefined;
    this.#place.key.wipe();
  }

  async #reserveNow(): Promise<number> {
    if (this.#block.next === this.#block.end) {
      this.#block = await withLock(this.#lock, async () => {
        const { ring } = this.#reload();
        const end = ring.next + INDEX_BLOCK;
        if (end > LEAF_COUNT) throw new KeyringFull();
        await this.#write({ ...ring, next: end });
        return { next: ring.next, end };
      });
    }
    const index = this.#block.next;
    this.#block.next += 1;
    return index;
  }

  /** What the files say now, under the lock. The tree is the caller's own. */
  #reload(): { ring: Ring; agreed: boolean } {
    const { ring, agreed } = loadReplicas(this.#place);
    if (ring === undefined) throw new KeyringMissing();
    return { ring, agreed };
  }

  async #write(ring: Ring): Promise<Ring> {
    const next = { ...ring, sequence: ring.sequence + 1 };
    await writeReplicas(this.#place, next);
    return this.#adopt(next, markOf(this.#place));
  }

  #adopt(ring: Ring, mark: string): Ring {
    if (this.#cached) wipeTree(this.#cached.ring.tree);
    this.#cached = { ring, mark };
    return ring;
  }
}
