/** People, items and steps that the tests of applications and grants share, over the world of acts. */
import { approveApplication } from '../../../src/acts/application/approve-application.ts';
import { createApplication } from '../../../src/acts/application/create-application.ts';
import { submitApplication } from '../../../src/acts/application/submit-application.ts';
import { openViewing } from '../../../src/acts/grant/open-viewing.ts';
import type { ApplicationId, GrantId, ItemId } from '../../../src/domain/ids.ts';
import type { ItemClass } from '../../../src/domain/item.ts';
import { isRefusal, type RefusalCode } from '../../../src/domain/refusal.ts';
import { type Member, newWorld, type WorldOptions } from '../world.ts';

export const hour = 3_600_000;

/** What the outcome of an act was: `done`, or the code of its refusal. */
export const codeOf = (outcome: unknown): RefusalCode | 'done' =>
  isRefusal(outcome) ? outcome.refused : 'done';
export const ruleOf = (outcome: unknown): string | undefined =>
  isRefusal(outcome) ? outcome.rule : undefined;

/**
 * A township under a county: a requester in its unit, the unit's leader and a deputy, three leaders of the township,
 * two of the county, a custodian with one item of each class wanted.
 */
export async function newOffice(options: WorldOptions = {}, classes: readonly ItemClass[] = ['ordinary']) {
  const world = await newWorld(options);
  const { townA, unitA, county } = await world.townships();
  const custodian = await world.member({ centre: townA, offices: ['custodian'] });
  const requester = await world.member({ centre: townA, unit: unitA, offices: ['requester'] });
  const leader = () => world.member({ centre: townA, offices: ['approver'] });
  const unitLeader = () => world.member({ centre: townA, unit: unitA, offices: ['approver'], leads: 'unit' });
  const items: Partial<Record<ItemClass, ItemId>> = {};
  for (const itemClass of classes) {
    items[itemClass] = (await world.takeIn(custodian, { class: itemClass })).item;
  }
  const item = (itemClass: ItemClass = classes[0] ?? 'ordinary'): ItemId => {
    const id = items[itemClass];
    if (!id) throw new Error(`No ${itemClass} item.`);
    return id;
  };

  const terms = (more: object = {}, itemClass?: ItemClass) => ({
    kind: 'view',
    items: [{ item: item(itemClass) }],
    purposeCode: 'case-inquiry',
    purposeWords: '核实东门夜间情况',
    durationMs: 2 * hour,
    ...more,
  });

  /** Creates and submits; the application with the hash that decisions name. */
  async function apply(who: Member, wanted: object = terms()) {
    const { application } = await world.must(createApplication, who, wanted);
    return world.must(submitApplication, who, { application });
  }

  type Sent = { readonly application: ApplicationId; readonly termsHash: string };
  /** Second factor and vote. */
  async function approve(who: Member, sent: Sent, more: object = {}) {
    await world.stepUp(who, 'approve-application', sent.termsHash);
    return world.run(approveApplication, who, {
      application: sent.application,
      termsHash: sent.termsHash,
      ...more,
    });
  }

  async function open(who: Member, grant: GrantId, wanted: ItemId = item()) {
    return world.run(openViewing, who, { grant, item: wanted });
  }

  const grantOf = async (sent: Sent) => world.reads.one('grant', { applicationId: sent.application });
  const stateOf = async (sent: Sent) =>
    (await world.reads.one('application', { id: sent.application }))?.state;

  return {
    ...world,
    townA,
    unitA,
    county,
    custodian,
    requester,
    leader,
    unitLeader,
    items,
    item,
    terms,
    apply,
    approve,
    open,
    grantOf,
    stateOf,
  };
}
export type TestOffice = Awaited<ReturnType<typeof newOffice>>;

/** A township with two leaders and a grant for the requester on one ordinary item. */
export async function newGranted(options: WorldOptions = {}, more: object = {}) {
  const office = await newOffice(options);
  const first = await office.leader();
  const second = await office.leader();
  const sent = await office.apply(office.requester, office.terms(more));
  const voted = await office.approve(first, sent);
  if (isRefusal(voted) || !voted.result.grant) throw new Error(`Not granted: ${JSON.stringify(voted)}`);
  return { ...office, first, second, sent, grant: voted.result.grant };
}
