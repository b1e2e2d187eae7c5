/** The grantee closes a viewing (2.2): what runs under it is cut, and a grant whose last use this was ends. */
import { z } from 'zod';
import { subjectOf } from '../../domain/ids.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { update } from '../ports/tables.ts';
import { endGrant } from './ending.ts';
import { loadOwnViewing, type ViewingFile } from './own-viewing.ts';
import { watchedSoFar } from './renew-lease.ts';

const input = z.strictObject({
  viewing: idInput<'viewing'>(),
  secondsWatched: z.number().int().min(0).max(86_400),
  /** Bytes that were sent, as the door counted them. */
  bytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});

/** True once no further opening is allowed and nothing else runs under the grant. */
const wasLast = ({ grant, viewings, viewing }: ViewingFile): boolean =>
  grant.state === 'active' &&
  grant.maxUses !== null &&
  grant.uses >= grant.maxUses &&
  viewings.every((other) => other.id === viewing.id);

export const closeViewing: Act<z.infer<typeof input>, ViewingFile, { secondsWatched: number }> = {
  name: 'close-viewing',
  input,
  load: ({ viewing }, context) => loadOwnViewing(viewing, context),
  decide(found, asked, moment) {
    const { viewing, grant } = found;
    if (viewing.endedAt !== null) return { already: { secondsWatched: viewing.secondsWatched } };
    const secondsWatched = watchedSoFar(found, asked.secondsWatched, moment.now);
    const closed = entry(
      'stream.closed',
      [
        subjectOf('item', viewing.itemId),
        subjectOf('grant', grant.id),
        subjectOf('application', grant.applicationId),
        subjectOf('centre', grant.centreId),
      ],
      { grant: grant.id, viewing: viewing.id, reason: 'closed', secondsWatched, bytes: asked.bytes },
    );
    const over = wasLast(found) ? endGrant({ ...found, viewings: [] }, 'last-use', moment, {}, 1) : undefined;
    const ended = over && !isRefusal(over) ? over : undefined;
    return {
      entries: [closed, ...(ended?.entries ?? [])],
      writes: [
        update('viewing', viewing.id, { endedAt: moment.now, endReason: 'closed', secondsWatched }),
        ...(ended?.writes ?? []),
      ],
      endings: [{ ends: 'viewing', id: viewing.id }, ...(ended?.endings ?? [])],
      ...(ended?.notices ? { notices: ended.notices } : {}),
      result: { secondsWatched },
    };
  },
};
