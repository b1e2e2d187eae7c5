/** How items come into a test's world: begun, sent through the intake store, accepted by the act. */
import type { Deps } from '../../src/acts/act.ts';
import { type Accessioned, accessionItem } from '../../src/acts/intake/accession-item.ts';
import { beginIntake } from '../../src/acts/intake/begin-intake.ts';
import { uploadRowOf } from '../../src/acts/ports/content.ts';
import type { SubjectKey } from '../../src/acts/ports/tables.ts';
import type { ItemId, PersonId } from '../../src/domain/ids.ts';
import type { ItemClass, ItemKind } from '../../src/domain/item.ts';
import type { intakeStore } from '../../src/vault/intake-store.ts';
import type { Member, Must } from './world-people.ts';

export interface ItemWish {
  readonly class?: ItemClass;
  readonly kind?: ItemKind;
  readonly title?: string;
  readonly bytes?: Uint8Array;
  readonly involved?: readonly PersonId[];
  readonly claimedType?: string;
}

interface ItemParts extends Pick<Deps, 'reads' | 'chance'> {
  readonly must: Must;
  readonly findKey: (subject: string) => Promise<SubjectKey | undefined>;
  readonly uploads: ReturnType<typeof intakeStore>;
}

export function itemsOf({ reads, chance, must, findKey, uploads }: ItemParts) {
  /** Begins an intake and sends its bytes, without accepting it. */
  async function upload(custodian: Member, wish: ItemWish = {}): Promise<ItemId> {
    const bytes = wish.bytes ?? new TextEncoder().encode(`footage ${chance.id()}`);
    const { intake } = await must(beginIntake, custodian, {
      centre: custodian.centre,
      kind: wish.kind ?? 'recording',
      class: wish.class ?? 'ordinary',
      title: wish.title ?? '东门摄像机 夜间',
      source: '东门摄像机',
      place: '东门',
      claimedType: wish.claimedType ?? 'video/mp4',
      involved: wish.involved ?? [],
      size: bytes.length,
    });
    await send(intake, bytes);
    return intake;
  }

  async function send(intake: ItemId, bytes: Uint8Array): Promise<void> {
    const row = await reads.one('intake', { id: intake });
    const key = await findKey(`item:${intake}`);
    if (!row || !key) throw new Error('No such intake.');
    const upload = uploadRowOf(row, key);
    await uploads.create(upload);
    const body = async function* () {
      yield bytes;
    };
    const sent = await uploads.write(upload, 0, body());
    if ('refused' in sent) throw new Error(`Upload: ${sent.refused}`);
  }

  /** A new item in the custodian's centre. */
  async function takeIn(custodian: Member, wish: ItemWish = {}): Promise<Accessioned> {
    return must(accessionItem, custodian, { intake: await upload(custodian, wish) });
  }

  return { upload, send, takeIn };
}
