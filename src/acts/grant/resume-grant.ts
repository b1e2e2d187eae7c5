/**
 * Lets a suspended grant run again (2.2, R32, R40): by a role that may suspend and never by the grantee, once the
 * cause is gone. After a raised class only a new application helps; the time lost is not given back.
 */
import { z } from 'zod';
import type { GrantState } from '../../domain/grant.ts';
import { grantAfter } from '../../domain/grant-machine.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { countVotes } from '../application/deciding.ts';
import { tell } from '../application/told.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import type { Ledger } from '../ports/ledger.ts';
import { entrySeq, update } from '../ports/tables.ts';
import { dueEvent, endGrant } from './ending.ts';
import { type GrantFile, grantSubjects, loadGrant, roleOver } from './grant-file.ts';
import { proveGrant } from './grant-proof.ts';
import { recheck } from './recheck.ts';

const input = z.strictObject({ grant: idInput<'grant'>() });
interface State extends GrantFile {
  readonly proof: Refusal | undefined;
  /** As the log says it of the entry that suspended the grant. */
  readonly cause: string;
}

/** Causes for which the votes must be whole again before the grant runs (R15); so does one that nobody can name. */
const asksForVotes = ['vote-removed', 'unknown'];

async function suspendedFor(ledger: Ledger, found: GrantFile): Promise<string> {
  if (found.grant.state !== 'suspended') return '';
  const { bytes } = await ledger.entry(found.grant.changedSeq);
  const { facts } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { facts: { cause?: string } };
  return facts.cause ?? 'unknown';
}

export const resumeGrant: Act<z.infer<typeof input>, State, { state: GrantState }> = {
  name: 'resume-grant',
  input,
  async load({ grant }, context) {
    const found = await loadGrant(grant, context);
    if (isRefusal(found)) return found;
    const { ledger } = context.deps;
    if (found.grant.personId === context.actor.person) return refuse('same-person', { rule: '2.2' });
    if (!roleOver(found, context.actor)) return refuse('not-found', { rule: 'R1' });
    return {
      ...found,
      proof: await proveGrant(context.deps, found),
      cause: await suspendedFor(ledger, found),
    };
  },
  decide(found, _input, moment) {
    const { grant, file, proof, cause } = found;
    if (grant.state === 'active') return { already: { state: 'active' } };
    if (proof) return proof;
    const due = dueEvent(found, moment.now);
    if (due) {
      const ended = endGrant(found, due, moment);
      return isRefusal(ended) ? ended : { ...ended, refusal: refuse('grant-ended', { rule: 'R43' }) };
    }
    const step = grantAfter(grant.state, 'resume');
    if (isRefusal(step)) return step;
    const failure = recheck(found, moment.now);
    if (failure) return failure.refusal;
    if (asksForVotes.includes(cause) && !countVotes(file).tally.complete) {
      return refuse('votes-short', { rule: 'R15' });
    }
    const told = tell(moment, 'grant.resumed', { kind: 'grant', id: grant.id }, [grant.personId]);
    return {
      entries: [
        entry('grant.resumed', grantSubjects(found), {
          grant: grant.id,
          fromState: grant.state,
          toState: step.to,
        }),
      ],
      writes: [update('grant', grant.id, { state: step.to, changedSeq: entrySeq() }), ...told.writes],
      notices: told.notices,
      result: { state: step.to },
    };
  },
};
