/**
 * Bytes that must not be shown (K1, P18): a key, a seed, a passphrase's result.
 * Never prints, serialises or inspects to its content; after `wipe()` it refuses to be used at all, because
 * a wiped key would otherwise be a key of zeros.
 */
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';

const SHOWN = '[secret]';

/** Holds secret bytes and takes ownership of the buffer given to it. Throws an Error when used after `wipe()`. */
export class Secret {
  readonly #bytes: Buffer;
  #wiped = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A fresh secret of `size` random bytes from the operating system. */
  static random(size: number): Secret {
    return new Secret(randomBytes(size));
  }

  /** The bytes themselves, not a copy: do not keep them, do not log them. */
  get bytes(): Buffer {
    if (this.#wiped) throw new Error('This secret was wiped.');
    return this.#bytes;
  }

  /** Overwrites the bytes with zeros; may be called again. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#wiped = true;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
