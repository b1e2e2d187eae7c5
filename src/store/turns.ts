/**
 * Who may write next in this node (custody-log L4.2, L4.3): acts one at a time, facts in groups between them. An
 * act that lasts longer than 50 ms no longer keeps facts out; it may then lose its number and decide again.
 */
export const turnMs = 50;

/** What an act may ask of its turn. */
export interface Turn {
  /** From now on nobody else writes until the act ends, however long it lasts. */
  alone(): Promise<void>;
}

export class Turns {
  readonly #acts: (() => Promise<void>)[] = [];
  /** Writes one group of waiting facts. */
  readonly #flush: () => Promise<void>;
  readonly #factsWait: () => boolean;
  #running = false;
  #blocked = false;
  #flushing: Promise<void> | null = null;
  #factsNext = false;

  /** `flush` never rejects; `factsWait` says whether it has anything to do. */
  constructor(flush: () => Promise<void>, factsWait: () => boolean) {
    this.#flush = flush;
    this.#factsWait = factsWait;
  }

  /** Runs `work` when its turn comes, as the only act. */
  act<T>(work: (turn: Turn) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#acts.push(() => this.#runAct(work).then(resolve, reject));
      this.next();
    });
  }

  /** Starts whatever may start now. */
  next(): void {
    if (this.#flushing || this.#blocked) return;
    const act = this.#running ? undefined : this.#acts[0];
    if (this.#factsWait() && (this.#factsNext || !act)) {
      this.#factsNext = false;
      this.#flushing = this.#flush().then(() => {
        this.#flushing = null;
        this.next();
      });
    } else if (act) {
      this.#acts.shift();
      this.#running = true;
      this.#blocked = true;
      void act().then(() => {
        this.#running = false;
        this.#blocked = false;
        this.#factsNext = true;
        this.next();
      });
    }
  }

  async #runAct<T>(work: (turn: Turn) => Promise<T>): Promise<T> {
    const late = setTimeout(() => {
      this.#blocked = false;
      this.next();
    }, turnMs);
    const alone = async (): Promise<void> => {
      clearTimeout(late);
      this.#blocked = true;
      await this.#flushing;
    };
    try {
      return await work({ alone });
    } finally {
      clearTimeout(late);
    }
  }
}
