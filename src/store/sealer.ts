/**
 * Seals, signs and replaces the head (custody-log L5.1–L5.3). One signer at a time. What was signed leaves this
 * file only after the head store holds it; a mismatch anywhere ends the service.
 */
import type { SealedHead } from '../acts/ports/ledger.ts';
import { signCheckpoint } from '../log/checkpoint.ts';
import type { AppendKeys } from '../log/mac.ts';
import type { SubjectMap } from '../log/map.ts';
import type { Sign } from '../log/note.ts';
import type { NoteKey } from '../log/note-key.ts';
import type { RememberedState } from '../log/recheck.ts';
import { sealFacts } from '../log/seal.ts';
import type { TileWriter } from '../log/tile.ts';
import type { Connection, Plan } from './connection.ts';
import type { HeadStore } from './head-file.ts';
import { applyTail, LogBroken, type Tail, walkTail } from './log-tail.ts';
import type { LogWriter } from './log-writer.ts';

/** Who signs, and under which epoch. */
export interface Signer {
  readonly key: NoteKey;
  readonly sign: Sign;
  readonly epoch: number;
}

/** The signed state that the next seal builds on. `note` is null only while a log is being opened. */
export interface SealedState {
  readonly remembered: RememberedState;
  readonly map: SubjectMap;
  readonly tiles: TileWriter;
  readonly note: string | null;
}

/** Another process signed in our place: it must not happen, and this one stops (L5.3). */
export class SecondSigner extends Error {
  override readonly name = 'SecondSigner';
}

/** How complete tiles are stored. */
export const tilePlan: Plan = {
  table: 'log_tile',
  columns: ['level', 'idx', 'hashes'],
  types: ['bigint', 'bigint', 'bytea'],
};
const checkpointPlan: Plan = {
  table: 'log_checkpoint',
  columns: ['size', 'note'],
  types: ['bigint', 'text'],
  raise: { key: 'size', set: ['note'] },
};

export interface SealerParts {
  readonly db: Connection;
  readonly writer: LogWriter;
  readonly heads: HeadStore;
  readonly signer: Signer;
  readonly origin: string;
  readonly keys: AppendKeys;
}

export class Sealer {
  readonly #parts: SealerParts;
  #state: SealedState;

  constructor(parts: SealerParts, state: SealedState) {
    this.#parts = parts;
    this.#state = state;
  }

  /** The size that is signed. */
  get size(): number {
    return this.#state.remembered.frontier.size;
  }

  get map(): SubjectMap {
    return this.#state.map;
  }

  get remembered(): RememberedState {
    return this.#state.remembered;
  }

  /** What the head store holds. */
  get sealed(): SealedHead {
    return { size: this.size, note: this.#state.note ?? '' };
  }

  /** Seals everything that is committed. `at`: ms UTC for the seal, raised to the newest entry's if it is less. */
  async seal(at: number): Promise<SealedHead> {
    const { db, writer } = this.#parts;
    await db.hold();
    let sealed: Tail;
    try {
      const { next } = await writer.reload();
      const tail = await walkTail(db, this.#state.remembered, next, this.#parts);
      await applyTail(db, this.#state.map, tail);
      await this.#commitSeal(tail, at);
      const last = await walkTail(db, tail.state, next + 1, this.#parts);
      sealed = { ...last, leaves: [...tail.leaves, ...last.leaves] };
    } finally {
      await db.release();
    }
    const note = await this.#sign(sealed);
    await this.#keep(sealed, note);
    this.#state = { ...this.#state, remembered: sealed.state, note };
    return { size: sealed.to, note };
  }

  async #commitSeal(tail: Tail, at: number): Promise<void> {
    const { writer, signer } = this.#parts;
    const { map, remembered } = this.#state;
    const prev = tail.state.seal ?? remembered.seal;
    const facts = sealFacts({ epoch: signer.epoch, keys: map.keys, map: map.root(), prev });
    const draft = { at, kind: 'seal', actor: 'system:log', subjects: [], facts, private: {} };
    const outcome = await writer.commit(await writer.complete([draft]));
    if (!Array.isArray(outcome))
      throw new LogBroken('A seal was committed under the lock and lost its number.');
  }

  async #sign(sealed: Tail): Promise<string> {
    const { signer, origin, heads } = this.#parts;
    const checkpoint = { origin, size: sealed.to, root: sealed.state.frontier.root() };
    const note = signCheckpoint(checkpoint, [signer]);
    const { note: old } = this.#state;
    if (old === null) await heads.create(note);
    else if (!(await heads.replace(old, note)))
      throw new SecondSigner('Another process has replaced the head.');
    return note;
  }

  async #keep(sealed: Tail, note: string): Promise<void> {
    const { db } = this.#parts;
    const tiles = sealed.leaves.flatMap((leaf) => this.#state.tiles.append(leaf));
    await db.begin();
    await db.insertAll(
      tilePlan,
      tiles.map(({ level, index, hashes }) => [level, index, hashes]),
    );
    await db.insertAll(checkpointPlan, [[sealed.to, note]]);
    await db.commit();
  }
}
