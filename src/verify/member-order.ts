/** Which member may come next (docs/formats/export-package.md, "Members, in this order"). */
import type { ExportDocument } from './documents.ts';

export type MemberKind =
  | 'export'
  | 'checkpoint'
  | 'seal'
  | 'seal-proof'
  | 'map'
  | 'range'
  | 'key'
  | 'stamp'
  | 'proofs'
  | 'entries'
  | 'disclosed'
  | 'csv'
  | 'pdf'
  | 'manifest';

const head: readonly (readonly [string, MemberKind])[] = [
  ['export.json', 'export'],
  ['checkpoint', 'checkpoint'],
  ['seal', 'seal'],
  ['seal.proof', 'seal-proof'],
];

export class MemberOrder {
  #taken = 0;
  #document: ExportDocument | undefined;
  #isKeysOver = false;
  #epochs = 0;
  #lastStamp = '';
  /** Members of parts taken so far. */
  #partMembers = 0;
  #tail: MemberKind | undefined;

  /** Says what the package promises; must follow `export.json`. */
  promise(document: ExportDocument): void {
    this.#document = document;
  }

  /** Whether the manifest was taken. */
  get isComplete(): boolean {
    return this.#tail === 'manifest';
  }

  /** The kind of the member `name` at this place, or undefined where it does not belong. */
  next(name: string): MemberKind | undefined {
    const kind = this.#decide(name);
    if (kind !== undefined) this.#taken += 1;
    return kind;
  }

  #decide(name: string): MemberKind | undefined {
    const fixed = head[this.#taken];
    if (fixed !== undefined) return fixed[0] === name ? fixed[1] : undefined;
    const document = this.#document;
    if (document === undefined) return undefined;
    if (this.#taken === head.length) {
      const kind = document.scope.kind === 'subject' ? 'map' : 'range';
      return name === `${kind}.json` ? kind : undefined;
    }
    return this.#early(name) ?? this.#part(name, document) ?? this.#late(name, document);
  }

  #early(name: string): MemberKind | undefined {
    if (this.#partMembers > 0) return undefined;
    if (!this.#isKeysOver && name === `keys/${this.#epochs + 1}.json`) {
      this.#epochs += 1;
      return 'key';
    }
    if (!/^stamps\/[0-9a-f]{64}\.tst$/.test(name) || name <= this.#lastStamp) return undefined;
    this.#isKeysOver = true;
    this.#lastStamp = name;
    return 'stamp';
  }

  #part(name: string, document: ExportDocument): MemberKind | undefined {
    const kinds: readonly MemberKind[] =
      document.scope.kind === 'subject' ? ['proofs', 'entries', 'disclosed'] : ['entries', 'disclosed'];
    if (this.#partMembers === document.parts * kinds.length) return undefined;
    const part = Math.floor(this.#partMembers / kinds.length) + 1;
    const kind = kinds[this.#partMembers % kinds.length];
    if (kind === undefined || name !== `part/${String(part).padStart(6, '0')}.${kind}`) return undefined;
    this.#partMembers += 1;
    return kind;
  }

  #late(name: string, document: ExportDocument): MemberKind | undefined {
    const partKinds = document.scope.kind === 'subject' ? 3 : 2;
    if (this.#partMembers < document.parts * partKinds) return undefined;
    if (this.#tail === undefined && name === 'views/entries.csv') this.#tail = 'csv';
    else if (this.#tail === 'csv' && name === 'views/report.pdf') this.#tail = 'pdf';
    else if ((this.#tail === 'csv' || this.#tail === 'pdf') && name === 'manifest') this.#tail = 'manifest';
    else return undefined;
    return this.#tail;
  }

  /** Epochs of the `keys/` members taken so far. */
  get epochs(): number {
    return this.#epochs;
  }
}
