/**
 * The one pipeline of every act (architecture.md): parse → head → who → load → may → decide → commit. The head is
 * read before the state (L4.1), so an act that decided on an old state loses the number and is decided again.
 */
import { subjectOf } from '../domain/ids.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Act, Actor, AlreadyDone, Caller, Decided, Deps, Loaded, RefusedWithEffect } from './act.ts';
import { actorOf } from './actor.ts';
import { parseInput } from './input.ts';
import { kinds, type RefusalKind } from './kinds.ts';
import { may } from './may.ts';
import { permitOffice, permitReach } from './permit.ts';
import type { Head, Receipt } from './ports/ledger.ts';
import { entrySeq, update, type Write } from './ports/tables.ts';
import { keyRows, logDraft, reserveKeys, sealWrites } from './record.ts';
import { raiseAlarms } from './rights/alarm.ts';
import { findStepUp } from './step-up-proof.ts';

export interface Done<R> {
  readonly result: R;
  /** Empty when the same had been done before. */
  readonly receipts: readonly Receipt[];
}

interface Attempt<R> {
  readonly done: Done<R> | Refusal;
  readonly decided?: Decided<R> | RefusedWithEffect;
  readonly actor?: Actor;
  readonly object?: string | undefined;
}

/**
 * Runs `act` for `caller`: it has either taken effect together with its log entries, durably, or changed nothing
 * and is refused. Rejects with `LogUnavailable` or `Busy` when it could not be tried.
 */
export async function perform<I, S extends Loaded, R, P>(
  deps: Deps,
  act: Act<I, S, R, P>,
  caller: Caller,
  raw: unknown,
): Promise<Done<R> | Refusal> {
  const input = parseInput(act.input, raw);
  if (isRefusal(input)) return input;
  const prepared = act.prepare ? await act.prepare(input, deps, caller) : undefined;
  if (isRefusal(prepared)) {
    const { at } = await deps.ledger.head();
    const actor = await actorOf(deps, caller, deps.clock.judge(at).now);
    if (!isRefusal(actor)) await recordRefusal(deps, act, { done: prepared, actor }, prepared);
    return prepared;
  }
  const attempt = await deps.ledger.exclusively(() => tryOnce(deps, act, caller, input, prepared as P));
  await raiseAlarms(deps);
  if (isRefusal(attempt.done) && !attempt.decided) {
    await recordRefusal(deps, act, attempt, attempt.done);
    return attempt.done;
  }
  // An answer to "revoke" means that nobody reads on (R38): wait for the cut before answering.
  if (attempt.decided?.endings?.length) await deps.live.end(attempt.decided.endings);
  if (attempt.decided?.notices?.length) deps.live.tell(attempt.decided.notices);
  return attempt.done;
}

/**
 * One attempt. A refusal that another node's act may have overtaken between two reads is no answer: as a commit would
 * lose the number, it is decided again.
 */
async function tryOnce<I, S extends Loaded, R, P>(
  deps: Deps,
  act: Act<I, S, R, P>,
  caller: Caller,
  input: I,
  prepared: P,
): Promise<Attempt<R> | 'taken'> {
  const head = await deps.ledger.head();
  const attempt = await decideAt(head, deps, act, caller, input, prepared);
  if (attempt === 'taken' || !isRefusal(attempt.done) || attempt.decided) return attempt;
  return (await deps.ledger.stands(head)) ? attempt : 'taken';
}

async function decideAt<I, S extends Loaded, R, P>(
  head: Head,
  deps: Deps,
  act: Act<I, S, R, P>,
  caller: Caller,
  input: I,
  prepared: P,
): Promise<Attempt<R> | 'taken'> {
  const time = deps.clock.judge(head.at);
  const actor = await actorOf(deps, caller, time.now);
  if (isRefusal(actor)) return { done: actor };
  const office = permitOffice(act.name, actor);
  if (isRefusal(office)) return { done: office, actor };
  const state = await act.load(input, { deps, actor, now: time.now, prepared });
  if (isRefusal(state)) return { done: state, actor };
  const refused = (done: Refusal): Attempt<R> => ({ done, actor, object: state.object });
  const reached = await permitReach(act.name, actor, state.centre, deps.reads);
  if (isRefusal(reached)) return refused(reached);
  if (time.fault && may[act.name].widens) return refused(refuse('clock-suspect', { rule: 'R46' }));
  const stepUpId = state.stepUp ? await findStepUp(deps, actor, act.name, state.stepUp, time.now) : null;
  if (isRefusal(stepUpId)) return refused(stepUpId);
  const { chance, digests, settings } = deps;
  const decided = act.decide(state, input, {
    actor,
    now: time.now,
    office: reached,
    chance,
    digests,
    settings,
    stepUpId,
  });
  if (isRefusal(decided)) return refused(decided);
  if (isAlready(decided)) return { done: { result: decided.already, receipts: [] } };
  const spent = stepUpId ? [update('stepUp', stepUpId, { usedSeq: entrySeq() })] : [];
  const committed = await commit(deps, actor, reached, decided, spent, head, time.now);
  if (committed === 'taken') return 'taken';
  if (isRefusal(committed)) return refused(committed);
  if ('refusal' in decided) return { done: decided.refusal, decided, actor };
  return { done: { result: decided.result, receipts: committed }, decided, actor };
}

const isAlready = <R>(decided: Decided<R> | AlreadyDone<R> | RefusedWithEffect): decided is AlreadyDone<R> =>
  'already' in decided;

async function commit<R>(
  deps: Deps,
  actor: Actor,
  office: string,
  decided: Decided<R> | RefusedWithEffect,
  spent: readonly Write[],
  head: Head,
  now: number,
): Promise<readonly Receipt[] | 'taken' | Refusal> {
  const keys = await reserveKeys(deps, decided.newKeys ?? []);
  const entries = await Promise.all(
    decided.entries.map((entry) => {
      const facts = { actorRole: office, requestId: actor.requestId, ...entry.facts };
      return logDraft(deps, actor, { ...entry, facts }, now, keys);
    }),
  );
  const writes = await sealWrites(deps, [...keyRows(keys), ...decided.writes, ...spent], keys);
  const outcome = await deps.ledger.commit({ expected: head, entries, writes });
  if (outcome === 'taken') return 'taken';
  if ('conflict' in outcome) return refuse(outcome.conflict === 'account' ? 'name-taken' : 'state-forbids');
  return outcome;
}

/** `application.refused` for an application, and so on; `person.refused` where the object is not known to exist. */
function refusalKind(object: string | undefined): RefusalKind {
  const kind = `${object?.split(':')[0] ?? 'person'}.refused`;
  return kind in kinds ? (kind as RefusalKind) : 'person.refused';
}

/** A refused attempt is a fact of its own (I21); it names the person, the object and the rule, never the words. */
async function recordRefusal<I, S extends Loaded, R, P>(
  deps: Deps,
  act: Act<I, S, R, P>,
  attempt: Attempt<R>,
  refusal: Refusal,
): Promise<void> {
  const { actor } = attempt;
  if (!actor?.person || !may[act.name].recordRefusal) return;
  const subjects = [subjectOf('person', actor.person), ...(attempt.object ? [attempt.object] : [])];
  const entry = {
    kind: refusalKind(attempt.object),
    subjects,
    facts: {
      act: act.name,
      code: refusal.refused,
      requestId: actor.requestId,
      ...(refusal.rule ? { rule: refusal.rule } : {}),
    },
  };
  const { at } = await deps.ledger.head();
  await deps.ledger.append([await logDraft(deps, actor, entry, deps.clock.judge(at).now, new Map())]);
}
