/** Splits a stream of bytes into lines that end with LF, holding at most one unfinished line in memory. */
import { Malformed } from './findings.ts';

export class LineReader {
  readonly #limit: number;
  readonly #take: (line: Uint8Array) => void;
  #carry = new Uint8Array(1024);
  #carried = 0;

  /** `take` gets each line without its LF; the bytes are only lent. A line over `limit` bytes is `Malformed`. */
  constructor(limit: number, take: (line: Uint8Array) => void) {
    this.#limit = limit;
    this.#take = take;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const end = bytes.indexOf(10, at);
      const to = end === -1 ? bytes.length : end;
      if (this.#carried + to - at > this.#limit) throw new Malformed(`a line over ${this.#limit} bytes`);
      if (end !== -1 && this.#carried === 0) {
        this.#take(bytes.subarray(at, to));
      } else {
        this.#keep(bytes.subarray(at, to));
        if (end !== -1) {
          const line = this.#carry.subarray(0, this.#carried);
          this.#carried = 0;
          this.#take(line);
        }
      }
      at = to + 1;
    }
  }

  /** Throws `Malformed` if the last line has no LF. */
  end(): void {
    if (this.#carried > 0) throw new Malformed('a last line without its end');
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#carried + bytes.length;
    if (needed > this.#carry.length) {
      const grown = new Uint8Array(Math.min(this.#limit, needed * 2));
      grown.set(this.#carry.subarray(0, this.#carried));
      this.#carry = grown;
    }
    this.#carry.set(bytes, this.#carried);
    this.#carried = needed;
  }
}
