/** Signs the current confidentiality agreement with one's password; without it nothing else is allowed (R24, S3). */
import { z } from 'zod';
import { subjectOf } from '../../domain/ids.ts';
import type { Agreement, Signature } from '../../domain/people.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { entrySeq, insert } from '../ports/tables.ts';
import { type PasswordProof, proofStands, provePassword } from './password-proof.ts';

const input = z.strictObject({
  version: z.number().int().positive(),
  /** SHA-256 of the text that was shown: one signs what one has read. */
  textHash: z.string().regex(/^[0-9a-f]{64}$/),
  password: z.string().min(1).max(1024),
});
interface State extends Loaded {
  readonly current: Agreement;
  readonly signed: Signature | undefined;
}

export const signAgreement: Act<z.infer<typeof input>, State, { version: number }, PasswordProof> = {
  name: 'sign-agreement',
  input,
  prepare: ({ password }, deps, caller) => provePassword(deps, caller, password),
  async load(_input, { actor, deps: { reads }, prepared }) {
    const account = await proofStands(reads, prepared);
    if (isRefusal(account)) return account;
    if (!actor.person || actor.person !== account.personId) return refuse('not-a-person', { rule: 'R8' });
    const [current] = await reads.all('agreement', {}, { orderBy: 'version', descending: true, limit: 1 });
    if (!current) return refuse('not-found');
    const signed = await reads.one('signature', { personId: actor.person, version: current.version });
    return { centre: null, object: subjectOf('person', actor.person), current, signed };
  },
  decide({ current, signed }, { version, textHash }, { actor, chance }) {
    if (!actor.person) return refuse('not-a-person', { rule: 'R8' });
    if (version !== current.version || textHash !== current.textHash) {
      return refuse('agreement-outdated', { rule: 'R24' });
    }
    if (signed) return { already: { version } };
    const subjects = [subjectOf('person', actor.person), subjectOf('agreement', current.id)];
    return {
      entries: [entry('agreement.signed', subjects, { version, textHash })],
      writes: [
        insert('signature', { id: chance.id(), personId: actor.person, version, createdSeq: entrySeq() }),
      ],
      result: { version },
    };
  },
};
