/** A new version of the confidentiality agreement, by an officer of the root centre: all sign anew (R24, S3). */
import { z } from 'zod';
import { asId, subjectOf } from '../../domain/ids.ts';
import type { Agreement } from '../../domain/people.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { wordsInput } from '../input.ts';
import { entrySeq, insert } from '../ports/tables.ts';

const input = z.strictObject({ text: wordsInput(50_000) });
interface State extends Loaded {
  readonly current: Agreement | undefined;
}

export const publishAgreement: Act<z.infer<typeof input>, State, { version: number; textHash: string }> = {
  name: 'publish-agreement',
  input,
  async load(_input, { deps }) {
    const root = await deps.reads.one('centre', { parentId: null });
    if (!root) return refuse('not-found');
    const [current] = await deps.reads.all(
      'agreement',
      {},
      { orderBy: 'version', descending: true, limit: 1 },
    );
    return { centre: root.id, current };
  },
  decide({ current }, { text }, { chance, digests }) {
    const textHash = digests.sha256(text);
    if (current?.textHash === textHash) return { already: { version: current.version, textHash } };
    const id = asId<'agreement'>(chance.id());
    const version = (current?.version ?? 0) + 1;
    return {
      entries: [entry('agreement.published', [subjectOf('agreement', id)], { version, textHash })],
      writes: [insert('agreement', { id, version, text, textHash, createdSeq: entrySeq() })],
      result: { version, textHash },
    };
  },
};
