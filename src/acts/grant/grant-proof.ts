/**
 * A grant's row is believed only as far as the log says the same (custody-log L4.7, X66): the grant, all its items, and
 * the person and posting that it rests on; also the votes, where they are counted again.
 */
import type { Refusal } from '../../domain/refusal.ts';
import type { Deps } from '../act.ts';
import { rightRow } from '../rights/proof.ts';
import type { GrantFile } from './grant-file.ts';

/** `integrity` (503) if row and log differ in anything; rejects with `LogUnavailable` if the log cannot be read. */
export function proveGrant(
  { rights }: Pick<Deps, 'rights'>,
  { grant, items, file }: Pick<GrantFile, 'grant' | 'items' | 'file'>,
): Promise<Refusal | undefined> {
  const { person, posting } = file.requester;
  const votesCount = grant.startedSeq === null || grant.state === 'suspended';
  return rights.prove(
    [
      rightRow('grant', grant),
      ...items.map((item) => rightRow('grantItem', item)),
      rightRow('person', person),
      rightRow('posting', posting),
      ...(votesCount ? file.decisions.map((decision) => rightRow('decision', decision)) : []),
    ],
    [grant.id],
  );
}
