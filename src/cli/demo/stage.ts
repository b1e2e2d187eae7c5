/**
 * Where the demonstration's past is played: the real acts over the real parts, with a clock that is set to each hour
 * of it. Nothing is written around the acts.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { changePassword } from '../../acts/access/change-password.ts';
import { proveStepUp } from '../../acts/access/prove-step-up.ts';
import { signAgreement } from '../../acts/access/sign-agreement.ts';
import { signIn } from '../../acts/access/sign-in.ts';
import type { Act, Caller, Loaded } from '../../acts/act.ts';
import { accessionItem } from '../../acts/intake/accession-item.ts';
import { beginIntake } from '../../acts/intake/begin-intake.ts';
import type { ActName } from '../../acts/may.ts';
import { uploadRowOf } from '../../acts/ports/content.ts';
import type { Clock } from '../../acts/ports/outside.ts';
import type { Parts } from '../../compose/parts.ts';
import { judgeClock } from '../../domain/clock.ts';
import { type CentreId, type ItemId, subjectOf } from '../../domain/ids.ts';
import type { ItemClass } from '../../domain/item.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { passwordOf } from './cast.ts';
import { Unexpected } from './client.ts';

/** A clock that stands where it was set, and never goes back. */
export class SetClock implements Clock {
  #at: number;
  constructor(at: number) {
    this.#at = at;
  }
  /** Moves on to `at`, ms UTC; an earlier time changes nothing. */
  set(at: number): void {
    this.#at = Math.max(this.#at, at);
  }
  get now(): number {
    return this.#at;
  }
  judge(mark: number) {
    const at = this.#at;
    const trust = { base: { now: at, monotonic: at }, seen: at, lag: 0 };
    return judgeClock(trust, { wall: at, monotonic: at, mark }).judged;
  }
  /** Nobody has to confirm what is only played. */
  confirm(): void {}
  allow(): void {}
  monotonic(): number {
    return this.#at;
  }
}

export interface Footage {
  readonly file: string;
  readonly mediaType: string;
  readonly title: string;
  readonly source: string;
  readonly place: string;
  readonly class: ItemClass;
  readonly recordedFrom: number;
  readonly recordedTo: number;
}

export class Stage {
  readonly parts: Parts;
  readonly clock: SetClock;
  #requests = 0;

  constructor(parts: Parts, clock: SetClock) {
    this.parts = parts;
    this.clock = clock;
  }

  anonymous(): Caller {
    this.#requests += 1;
    return { anonymous: true, requestId: `demo-${this.#requests}` };
  }

  /** What must succeed; a refusal ends the demonstration with its code. */
  async must<I, S extends Loaded, R, P>(act: Act<I, S, R, P>, caller: Caller, input: unknown): Promise<R> {
    const done = await this.parts.perform(act, caller, input);
    if (isRefusal(done))
      throw new Unexpected(
        `${act.name}: ${done.refused} ${done.rule ?? ''} ${JSON.stringify(done.fields ?? [])}`,
      );
    return done.result;
  }

  /** Signs in with the part's own password, minutes after the last thing that happened. */
  async signIn(account: string): Promise<Caller> {
    const { session } = await this.must(signIn, this.anonymous(), {
      name: account,
      password: passwordOf(account),
    });
    this.#requests += 1;
    return { session, requestId: `demo-${this.#requests}` };
  }

  /** The first day of a person: the handed-out password is changed and the agreement signed. */
  async firstDay(account: string, firstPassword: string): Promise<void> {
    const { session } = await this.must(signIn, this.anonymous(), { name: account, password: firstPassword });
    const words = { current: firstPassword, next: passwordOf(account) };
    const changed = await this.must(changePassword, { session, requestId: 'demo-first' }, words);
    await this.bind(account, { session: changed.session, requestId: 'demo-first' });
  }

  async bind(account: string, caller: Caller): Promise<void> {
    const { reads } = this.parts.deps;
    const [current] = await reads.all('agreement', {}, { orderBy: 'version', descending: true, limit: 1 });
    if (!current) throw new Unexpected('there is no agreement');
    const { version, textHash } = current;
    await this.must(signAgreement, caller, { version, textHash, password: passwordOf(account) });
  }

  async stepUp(account: string, caller: Caller, act: ActName, termsHash: string): Promise<void> {
    await this.must(proveStepUp, caller, { act, termsHash, password: passwordOf(account) });
  }

  /** Takes a file in, through the same vault as an upload. */
  async takeIn(custodian: Caller, centre: CentreId, footage: Footage): Promise<ItemId> {
    const { file, mediaType, ...words } = footage;
    const { size } = await stat(file);
    const wish = { ...words, centre, kind: 'recording', claimedType: mediaType, size };
    const { intake } = await this.must(beginIntake, custodian, wish);
    const { reads } = this.parts.deps;
    const row = await reads.one('intake', { id: intake });
    const key = await reads.one('subjectKey', { id: subjectOf('item', intake) });
    if (!row || !key) throw new Unexpected('the intake is not there');
    const upload = uploadRowOf(row, key);
    const { uploads } = this.parts.vault;
    await uploads.create(upload);
    const sent = await uploads.write(upload, 0, createReadStream(file));
    if ('refused' in sent) throw new Unexpected(`upload: ${sent.refused}`);
    await this.must(accessionItem, custodian, { intake });
    await uploads.settle(intake);
    return intake;
  }
}
