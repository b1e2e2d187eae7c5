/**
 * Renders the table for people once more (docs/formats/export-package.md, `views/entries.csv`) and keeps only its
 * SHA-256 and size. Text in it is inert: no direction mark, no invisible character, no formula.
 */
import { eachPiece } from './bytes.ts';
import type { Primitives, RunningHash } from './primitives.ts';

const columns = ['seq', 'time', 'kind', 'actor', 'subjects', 'facts', 'private', 'disclosed', 'leaf'];
const hidden = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const anyHidden = new RegExp(hidden.source);
const formula = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
const lastTime = 253_402_300_799_999;

/** One field in double quotes, with what could act on a reader's machine or eye made inert. */
export function csvField(text: string): string {
  const shown = anyHidden.test(text)
    ? text.replace(hidden, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : text;
  const field = shown.replaceAll('"', '""');
  return formula.test(field) ? `"'${field}"` : `"${field}"`;
}

/** `at` in ms UTC as RFC 3339 with milliseconds, or as a number after the year 9999. */
function csvTime(at: number): string {
  return at <= lastTime ? new Date(at).toISOString() : String(at);
}

/** Renders times that mostly rise: the whole second is spelled once. */
export class Clock {
  #second = -1;
  #text = '';

  /** As `csvTime`. */
  time(at: number): string {
    if (at > lastTime) return csvTime(at);
    const second = Math.floor(at / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = csvTime(second * 1000).slice(0, 20);
    }
    return `${this.#text}${String(at % 1000).padStart(3, '0')}Z`;
  }
}

/** The columns of one entry up to and with `private`; `csvEnd` gives the rest of the line. */
export function csvStart(
  fields: readonly [
    seq: number,
    time: string,
    kind: string,
    actor: string,
    subjects: string,
    facts: string,
    names: string,
  ],
): string {
  const [seq, time, kind, actor, subjects, facts, names] = fields;
  // Schema and grammar leave nothing to neutralise in number, time, kind, actor, subjects and names.
  return `"${seq}","${time}","${kind}","${actor}","${subjects}",${csvField(facts)},"${names}",`;
}

/** The columns `disclosed` and `leaf`, and the end of the line. */
export function csvEnd(disclosed: string, leaf: string): string {
  return `${csvField(disclosed)},"${leaf}"\r\n`;
}

/** How much text is gathered before it is hashed: few calls, and little that the collector must carry. */
const waitingUnits = 16_384;

/** The running SHA-256 and size of the table. */
export class CsvTable {
  readonly #hash: RunningHash;
  readonly #buffer = new Uint8Array(waitingUnits * 4);
  #size = 0;
  #waiting = `\ufeff${columns.map(csvField).join(',')}\r\n`;

  constructor(primitives: Primitives) {
    this.#hash = primitives.sha256Running();
  }

  add(text: string): void {
    this.#waiting += text;
    if (this.#waiting.length >= waitingUnits) this.#flush();
  }

  /** Ends the table. */
  finish(): { readonly size: number; readonly sha256: string } {
    this.#flush();
    return { size: this.#size, sha256: this.#hash.digestHex() };
  }

  #flush(): void {
    eachPiece(this.#waiting, this.#buffer, (piece) => {
      this.#hash.update(piece);
      this.#size += piece.length;
    });
    this.#waiting = '';
  }
}
