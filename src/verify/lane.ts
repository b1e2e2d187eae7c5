/**
 * A one-way lane of records between two threads over shared memory (custody-log L11): one writes, one reads, neither
 * copies an object. Whoever must wait sleeps; a reader that is gone is noticed, so a lane never hangs for good.
 */

/** Bytes of one record; a multiple of eight, for the numbers in it. */
export const recordSize = 144;
const perSlot = 1024;
const slots = 4;
const slotSize = recordSize * perSlot;
/** Words of the control block: slots written, slots read, state of the answer, its length, records in each slot. */
const written = 0;
const read = 1;
const answer = 2;
const answerLength = 3;
const counts = 4;
const headSize = 64;
const answered = 1;
/** How long a reader may be silent before it counts as gone, ms. */
const patience = 120_000;

/** The memory of a new lane; hand it to both ends. */
export function newLane(): SharedArrayBuffer {
  return new SharedArrayBuffer(headSize + slots * slotSize);
}

/** The end that writes records and at last waits for one answer. */
export class LaneWriter {
  readonly #control: Int32Array;
  /** All slots; a record stands at the place that `next` gives. */
  readonly bytes: Uint8Array;
  readonly numbers: Float64Array;
  #slot = 0;
  #filled = 0;

  constructor(lane: SharedArrayBuffer) {
    this.#control = new Int32Array(lane, 0, headSize / 4);
    this.bytes = new Uint8Array(lane, headSize);
    this.numbers = new Float64Array(lane, headSize);
  }

  /** The place in `bytes` of the next record, which may be written until the next call. */
  next(): number {
    if (this.#filled === perSlot) this.#send();
    const place = (this.#slot % slots) * slotSize + this.#filled * recordSize;
    this.#filled += 1;
    return place;
  }

  /** Sends what is left, then an empty slot as the end, and waits for the answer. Throws if the reader is gone. */
  end(): string {
    if (this.#filled > 0) this.#send();
    this.#send();
    this.#wait(answer, 0);
    const length = Atomics.load(this.#control, answerLength);
    return new TextDecoder().decode(this.bytes.slice(0, length));
  }

  #send(): void {
    Atomics.store(this.#control, counts + (this.#slot % slots), this.#filled);
    this.#slot += 1;
    this.#filled = 0;
    Atomics.store(this.#control, written, this.#slot);
    Atomics.notify(this.#control, written);
    // Room for one more slot.
    for (;;) {
      const done = Atomics.load(this.#control, read);
      if (this.#slot - done < slots) return;
      this.#wait(read, done);
    }
  }

  #wait(word: number, value: number): void {
    if (Atomics.wait(this.#control, word, value, patience) === 'timed-out')
      throw new Error('the second thread is gone');
  }
}

/** The end that reads. */
export class LaneReader {
  readonly #control: Int32Array;
  readonly bytes: Uint8Array;
  readonly numbers: Float64Array;

  constructor(lane: SharedArrayBuffer) {
    this.#control = new Int32Array(lane, 0, headSize / 4);
    this.bytes = new Uint8Array(lane, headSize);
    this.numbers = new Float64Array(lane, headSize);
  }

  /** Gives the place of each record in order until the end; sleeps while there is none. */
  each(take: (place: number) => void): void {
    for (let slot = 0; ; slot += 1) {
      while (Atomics.load(this.#control, written) === slot) Atomics.wait(this.#control, written, slot);
      const count = Atomics.load(this.#control, counts + (slot % slots));
      if (count === 0) return;
      for (let index = 0; index < count; index += 1) take((slot % slots) * slotSize + index * recordSize);
      Atomics.store(this.#control, read, slot + 1);
      Atomics.notify(this.#control, read);
    }
  }

  /** Answers once, after the end. */
  answer(text: string): void {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > this.bytes.length) throw new RangeError('the answer does not fit');
    this.bytes.set(bytes);
    Atomics.store(this.#control, answerLength, bytes.length);
    Atomics.store(this.#control, answer, answered);
    Atomics.notify(this.#control, answer);
  }
}
