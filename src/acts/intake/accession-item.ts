/**
 * Accession 入藏: an upload whose bytes are all there becomes an item with a register number and a custodian (K5,
 * S7, S10). What the item is was found in the bytes by the vault; the caller names nothing but the intake.
 */
import { z } from 'zod';
import { type ItemId, subjectOf } from '../../domain/ids.ts';
import type { Intake, Item, ItemState, ScanState } from '../../domain/item.ts';
import { typeIsAsClaimed } from '../../domain/media-type.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Act, Context, Decided, Loaded, Moment } from '../act.ts';
import { allowedNow } from '../allowed-now.ts';
import { entry } from '../entry.ts';
import { idInput } from '../input.ts';
import { nextNumber, yearOf } from '../numbers.ts';
import { outbox } from '../outbox.ts';
import type { Findings } from '../ports/intake-vault.ts';
import { entrySeq, insert, toSeal, update, type Write } from '../ports/tables.ts';
import { type Description, descriptionField } from './intake-words.ts';
import { intakeSubjects, knownIntake } from './known-intake.ts';

const input = z.strictObject({ intake: idInput<'item'>() });
type Input = z.infer<typeof input>;

interface State extends Loaded {
  readonly intake: Intake;
  /** Present once the intake became an item. */
  readonly item: Item | undefined;
  readonly findings: Findings | null;
  readonly description: Description | null;
  readonly duplicate: Item | undefined;
  readonly number: string;
  readonly take: Write;
}

export interface Accessioned {
  readonly item: ItemId;
  readonly number: string;
  readonly state: ItemState;
  readonly scan: ScanState;
  readonly typeAsClaimed: boolean;
  /** Another item of this centre with the same bytes, if there is one. */
  readonly duplicateOf: { readonly item: ItemId; readonly number: string } | null;
}

async function load(
  { intake: id }: Input,
  { deps, now, prepared }: Context<Findings | null>,
): Promise<State | Refusal> {
  const { reads, privacy } = deps;
  const known = await knownIntake(reads, id);
  if (isRefusal(known)) return known;
  const { intake } = known;
  const item = await reads.one('item', { id });
  const sealed = await privacy.open(subjectOf('item', id), descriptionField, intake.sealedDescription);
  const [duplicate] = prepared
    ? await reads.all(
        'item',
        { centreId: intake.centreId, sha256: prepared.sha256, state: { in: ['held', 'quarantine'] } },
        { orderBy: 'createdSeq', limit: 1 },
      )
    : [];
  return {
    ...known,
    item,
    findings: prepared,
    description: sealed === null ? null : (JSON.parse(sealed) as Description),
    duplicate,
    ...(await nextNumber(reads, 'item', intake.centreId, yearOf(now))),
  };
}

function decide(
  state: State,
  _input: Input,
  moment: Moment,
): Decided<Accessioned> | { already: Accessioned } | Refusal {
  const { intake, item, findings, description, duplicate, number } = state;
  if (item) return { already: accessioned(item, undefined) };
  if (intake.state !== 'open' || intake.expiresAt <= moment.now) return refuse('state-forbids');
  if (!description) return refuse('item-not-available');
  if (!findings || findings.size !== intake.size) return refuse('upload-conflict');
  if (intake.declaredSha256 !== '' && intake.declaredSha256 !== findings.sha256)
    return refuse('file-refused');
  const row = itemRow(state, findings, description, moment.now);
  const result = accessioned(row, duplicate);
  const { title, source, place, recordedFrom, recordedTo } = description;
  return {
    entries: [
      entry(
        'item.accessioned',
        intakeSubjects(intake),
        {
          number,
          kind: row.kind,
          class: row.class,
          size: row.size,
          sha256: row.sha256,
          headerHash: findings.headerHash,
          mediaType: row.mediaType,
          typeAsClaimed: result.typeAsClaimed,
          scan: row.scan,
          custodian: row.custodianId,
          state: row.state,
          ...(duplicate ? { duplicateOf: duplicate.id } : {}),
          ...(recordedFrom === null || recordedTo === null ? {} : { recordedFrom, recordedTo }),
        },
        { title, source, place },
      ),
    ],
    writes: [
      insert('item', {
        ...row,
        sealedTitle: toSeal(subjectOf('item', row.id), 'title', title),
        createdSeq: entrySeq(),
        changedSeq: entrySeq(),
      }),
      update('intake', intake.id, { state: 'accepted' }),
      state.take,
      outbox(moment.chance, moment.now, 'intake-settle', { intake: intake.id }),
    ],
    result,
  };
}

type PlainItem = Omit<Item, 'sealedTitle' | 'createdSeq' | 'changedSeq'>;

/** Infected stays in quarantine; not scanned is held and says so wherever it is shown (S10). */
function itemRow({ intake, number }: State, found: Findings, said: Description, now: number): PlainItem {
  return {
    id: intake.id,
    centreId: intake.centreId,
    number,
    kind: said.kind,
    class: said.class,
    source: said.source,
    place: said.place,
    recordedFrom: said.recordedFrom,
    recordedTo: said.recordedTo,
    custodianId: intake.personId,
    state: found.scan === 'infected' ? 'quarantine' : 'held',
    scan: found.scan,
    mediaType: found.mediaType,
    claimedType: said.claimedType,
    size: found.size,
    sha256: found.sha256,
    durationMs: found.durationMs,
    probe: found.probe,
    objectName: intake.objectName,
    wrappedDek: intake.wrappedDek,
    sealedManifest: found.sealedManifest,
    involved: JSON.stringify(said.involved),
    version: 1,
    acceptedAt: now,
  };
}

const accessioned = (item: PlainItem, duplicate: Item | undefined): Accessioned => ({
  item: item.id,
  number: item.number,
  state: item.state,
  scan: item.scan,
  typeAsClaimed: typeIsAsClaimed(item.claimedType, item.mediaType),
  duplicateOf: duplicate ? { item: duplicate.id, number: duplicate.number } : null,
});

export const accessionItem: Act<Input, State, Accessioned, Findings | null> = {
  name: 'accession-item',
  input,
  async prepare({ intake: id }, deps, caller) {
    const intake = await deps.reads.one('intake', { id, state: 'open' });
    if (!intake || !(await allowedNow(deps, 'accession-item', caller, [intake.centreId]))) return null;
    return deps.intakeVault.finish(intake);
  },
  load,
  decide,
};
