/** The demonstration's first days: set-up, three townships, and everybody entered, confirmed, posted and signed up. */
import { setUp } from '../../acts/access/set-up.ts';
import { assignOffice } from '../../acts/people/assign-office.ts';
import { confirmPerson } from '../../acts/people/confirm-person.ts';
import { createCentre } from '../../acts/people/create-centre.ts';
import { createPerson } from '../../acts/people/create-person.ts';
import { createUnit } from '../../acts/people/create-unit.ts';
import { startPosting } from '../../acts/people/start-posting.ts';
import type { CentreId, UnitId } from '../../domain/ids.ts';
import {
  agreementText,
  cast,
  countyName,
  founders,
  type Part,
  passwordOf,
  townNames,
  unitName,
} from './cast.ts';
import type { Stage } from './stage.ts';

export type Centres = Readonly<Record<Part['place'], CentreId>>;

export async function seedPeople(stage: Stage, token: string): Promise<Centres> {
  const founder = (role: keyof typeof founders) => ({
    ...founders[role],
    password: passwordOf(founders[role].account),
  });
  const { centre: county } = await stage.must(setUp, stage.anonymous(), {
    token,
    centre: countyName,
    agreement: agreementText,
    systemAdministrator: founder('systemAdministrator'),
    securityOfficer: founder('securityOfficer'),
    auditor: founder('auditor'),
  });
  for (const { account } of Object.values(founders)) await stage.bind(account, await stage.signIn(account));
  const officer = await stage.signIn(founders.securityOfficer.account);
  const administrator = await stage.signIn(founders.systemAdministrator.account);
  const town = async (name: string) =>
    (await stage.must(createCentre, officer, { parent: county, name })).centre;
  const centres: Centres = {
    county,
    east: await town(townNames.east),
    west: await town(townNames.west),
    south: await town(townNames.south),
  };
  const { unit } = await stage.must(createUnit, officer, { centre: county, name: unitName });
  for (const part of cast) {
    const where = { centre: centres[part.place], unit: part.unit ? unit : undefined };
    await enter(stage, { administrator, officer }, part, where);
  }
  return centres;
}

async function enter(
  stage: Stage,
  by: {
    readonly administrator: Parameters<Stage['must']>[1];
    readonly officer: Parameters<Stage['must']>[1];
  },
  part: Part,
  { centre, unit }: { readonly centre: CentreId; readonly unit: UnitId | undefined },
): Promise<void> {
  const { account, name, home, clearance, offices } = part;
  const words = { centre, name, home, clearance, account };
  const { person, firstPassword } = await stage.must(createPerson, by.administrator, words);
  await stage.must(confirmPerson, by.officer, { person });
  const { posting } = await stage.must(startPosting, by.officer, {
    person,
    centre,
    ...(unit ? { unit } : {}),
  });
  for (const office of offices) {
    await stage.must(assignOffice, by.officer, {
      posting,
      office,
      ...(part.leadsUnit && unit ? { unit } : {}),
    });
  }
  await stage.firstDay(account, firstPassword);
}
