/**
 * Opens one item for the grantee's player (2.2, K6; R31, R32, R40, R42, X19–X21). The first opening starts the
 * grant. Everything is tested anew, uses are counted under the log's lock, and the grant's row must say what its
 * log entries say (L4.7). Never hands out a byte itself.
 */
import { z } from 'zod';
import type { Grant } from '../../domain/grant.ts';
import { grantAfter } from '../../domain/grant-machine.ts';
import {
  asId,
  type GrantId,
  type ItemId,
  type SessionId,
  subjectOf,
  type ViewingId,
} from '../../domain/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { endOfStart, useRefusal } from '../../domain/window.ts';
import type { Act, Decided, Entry, Moment, RefusedWithEffect } from '../act.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { entrySeq, insert, update, type Write } from '../ports/tables.ts';
import { dueEvent, endGrant, suspendGrant } from './ending.ts';
import { type GrantFile, grantSubjects, loadGrant, ownOnly } from './grant-file.ts';
import { proveGrant } from './grant-proof.ts';
import { type Failed, itemRefusal, recheck } from './recheck.ts';

const input = z.strictObject({ grant: idInput<'grant'>(), item: idInput<'item'>() });
type Input = z.infer<typeof input>;

export interface Opened {
  readonly viewing: ViewingId;
  readonly grant: GrantId;
  readonly item: ItemId;
  /** ms UTC: the grant's end, and the end of the first lease. */
  readonly notAfter: number;
  readonly leaseUntil: number;
  readonly use: number;
  readonly maxUses: number | null;
}
interface State extends GrantFile {
  readonly proof: Refusal | undefined;
  /** The grant that this one continues, with its items, if it has not ended. */
  readonly continued: GrantFile | undefined;
}

const startRefused = (found: GrantFile, { cause, lasting }: Failed): Entry =>
  entry('grant.start-refused', grantSubjects(found), { grant: found.grant.id, code: cause, lasting });

/** What a failed re-check leaves: a waiting grant waits on or ends, a running one is suspended or left (2.2). */
function onFailure(found: GrantFile, failure: Failed, moment: Moment): RefusedWithEffect | Refusal {
  const { refusal, lasting, cause } = failure;
  if (refusal.refused === 'integrity') return refusal;
  if (found.grant.state === 'scheduled') {
    const said = startRefused(found, failure);
    if (!lasting) return { entries: [said], writes: [], refusal };
    const ended = endGrant(found, 'start-refused', moment, {}, 1);
    return isRefusal(ended) ? ended : { ...ended, entries: [said, ...ended.entries], refusal };
  }
  if (cause !== 'class-raised' && cause !== 'clearance') return refusal;
  const suspended = suspendGrant(found, cause, moment);
  return isRefusal(suspended) ? refusal : { ...suspended, refusal };
}

/** Why this item cannot be opened at this moment; undefined if it can. */
function judge(state: State, { item }: Input, moment: Moment): Refusal | RefusedWithEffect | undefined {
  const { grant } = state;
  const { actor, now } = moment;
  if (actor.through !== 'session' || !actor.session) return refuse('not-a-person', { rule: 'R40' });
  if (state.proof) return state.proof;
  const due = dueEvent(state, now);
  if (due) {
    const ended = endGrant(state, due, moment);
    return isRefusal(ended) ? ended : { ...ended, refusal: refuse('grant-ended', { rule: 'R43' }) };
  }
  const unusable = useRefusal(grant, now) ?? itemRefusal(state, item);
  if (unusable) return unusable;
  const failure = recheck(state, now);
  return failure ? onFailure(state, failure, moment) : undefined;
}

const needsStepUp = ({ grant }: GrantFile): boolean => grant.state === 'scheduled' && grant.stepUpAtStart;

interface Start {
  readonly entries: readonly Entry[];
  readonly writes: readonly Write[];
  readonly endings: NonNullable<Decided<never>['endings']>;
  readonly set: Partial<Pick<Grant, 'state' | 'startedAt' | 'notAfter'>> & {
    startedSeq?: { entrySeq: number };
  };
  readonly notAfter: number;
}

/** The first use starts the grant, and ends the one that it extends in the same commit (R31, R33). */
function start(state: State, moment: Moment): Start | Refusal {
  const { grant, continued } = state;
  if (grant.state !== 'scheduled') {
    return { entries: [], writes: [], endings: [], set: {}, notAfter: grant.notAfter ?? grant.absoluteEnd };
  }
  const step = grantAfter(grant.state, 'start');
  if (isRefusal(step)) return step;
  const notAfter = endOfStart(grant, moment.now);
  const over = continued ? endGrant(continued, 'supersede', moment, {}, 1) : undefined;
  const superseded = over && !isRefusal(over) ? over : undefined;
  const facts = { grant: grant.id, notAfter, fromState: grant.state, toState: step.to };
  return {
    entries: [
      entry('grant.started', grantSubjects(state), {
        ...facts,
        ...(moment.stepUpId ? { stepUp: moment.stepUpId } : {}),
      }),
      ...(superseded?.entries ?? []),
    ],
    writes: superseded?.writes ?? [],
    endings: superseded?.endings ?? [],
    set: { state: step.to, startedAt: moment.now, notAfter, startedSeq: entrySeq(0) },
    notAfter,
  };
}

function open(state: State, item: ItemId, session: SessionId, moment: Moment): Decided<Opened> | Refusal {
  const { grant } = state;
  const started = start(state, moment);
  if (isRefusal(started)) return started;
  const { notAfter } = started;
  const viewing = asId<'viewing'>(moment.chance.id());
  const use = grant.uses + 1;
  const leaseUntil = Math.min(moment.now + moment.settings.leaseMs, notAfter);
  const place = started.entries.length;
  const opened = entry(
    'stream.opened',
    [
      subjectOf('item', item),
      subjectOf('grant', grant.id),
      subjectOf('application', grant.applicationId),
      subjectOf('centre', grant.centreId),
    ],
    { grant: grant.id, viewing, session, use },
  );
  const [first = opened, ...rest] = [...started.entries, opened];
  return {
    entries: [first, ...rest],
    writes: [
      update('grant', grant.id, { ...started.set, uses: use, changedSeq: entrySeq(place) }),
      insert('viewing', {
        id: viewing,
        grantId: grant.id,
        itemId: item,
        personId: grant.personId,
        sessionId: session,
        openedAt: moment.now,
        openedSeq: entrySeq(place),
        leaseUntil,
        endedAt: null,
        endReason: null,
        secondsWatched: 0,
      }),
      ...started.writes,
    ],
    endings: started.endings,
    notices: [{ kind: 'grant', id: grant.id, to: [grant.personId] }],
    result: { viewing, grant: grant.id, item, notAfter, leaseUntil, use, maxUses: grant.maxUses },
  };
}

export const openViewing: Act<Input, State, Opened> = {
  name: 'open-viewing',
  input,
  async load(asked, context) {
    const found = ownOnly(await loadGrant(asked.grant, context), context.actor);
    if (isRefusal(found)) return found;
    const { deps, actor, now } = context;
    const state: State = {
      ...found,
      proof: await proveGrant(deps, found),
      continued: await continuedBy(found, context),
    };
    const moment = { ...deps, actor, now, office: 'requester' as const, stepUpId: null };
    const willOpen = judge(state, asked, moment) === undefined;
    return { ...state, stepUp: willOpen && needsStepUp(state) ? state.grant.termsHash : null };
  },
  decide(state, asked, moment) {
    const refused = judge(state, asked, moment);
    if (refused) return refused;
    if (needsStepUp(state) && !moment.stepUpId) return refuse('step-up-required', { rule: 'R32' });
    const { session } = moment.actor;
    return session ? open(state, asked.item, session, moment) : refuse('not-a-person', { rule: 'R40' });
  },
};

/** The earlier grant that ends when this one starts: it still lives, and all that it allows lies in this one (R33, R35). */
async function continuedBy(
  found: GrantFile,
  context: Parameters<typeof loadGrant>[1],
): Promise<GrantFile | undefined> {
  const { previousGrantId } = found.file.application;
  if (found.grant.state !== 'scheduled' || previousGrantId === null) return undefined;
  const previous = await loadGrant(previousGrantId, context);
  if (isRefusal(previous) || previous.grant.state === 'ended') return undefined;
  const wanted = new Set(found.items.map((row) => row.itemId));
  const live = previous.items.filter((row) => row.endedSeq === null);
  return live.every((row) => wanted.has(row.itemId)) ? previous : undefined;
}
