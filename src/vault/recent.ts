/**
 * A bounded memory of what was used last (K6, L8). Never holds more than it was told to; whatever leaves it is handed
 * to `gone`, so that keys are overwritten and never merely forgotten.
 */
export class Recent<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #most: number;
  readonly #gone: (value: V) => void;

  constructor(most: number, gone: (value: V) => void = () => undefined) {
    this.#most = most;
    this.#gone = gone;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, which is now the most recently used. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** Remembers `value`; the one unused longest leaves when there are too many. */
  set(key: K, value: V): void {
    const before = this.#entries.get(key);
    if (before !== undefined && before !== value) this.#gone(before);
    this.#entries.delete(key);
    this.#entries.set(key, value);
    for (const [oldest, kept] of this.#entries) {
      if (this.#entries.size <= this.#most) return;
      this.#entries.delete(oldest);
      this.#gone(kept);
    }
  }

  keys(): K[] {
    return [...this.#entries.keys()];
  }

  drop(key: K): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#gone(value);
  }

  clear(): void {
    for (const value of this.#entries.values()) this.#gone(value);
    this.#entries.clear();
  }
}
