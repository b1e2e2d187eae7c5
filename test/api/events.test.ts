/** Live state (portal, R60): events reach whom they concern and nobody else, say ids and kinds alone, and end with the session. */
import { describe, expect, test } from 'vitest';
import type { Someone } from './world-http.ts';
import { eventually, sharedHttpWorld } from './world-http.ts';

const held = sharedHttpWorld();

async function listen({ client }: Pick<Someone, 'client'>) {
  const response = await client.open('GET', '/api/v1/events');
  expect(response).toMatchObject({
    statusCode: 200,
    headers: {
      'content-type': expect.stringMatching(/^text\/event-stream/),
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
  });
  let text = '';
  let over = false;
  response.on('data', (piece: Buffer) => {
    text += piece;
  });
  response.on('error', () => undefined);
  response.once('close', () => {
    over = true;
  });
  await eventually(() => held.world.service.doors.connections.running().length > 0);
  return {
    events: () =>
      [...text.matchAll(/^data: (.*)$/gm)].map(
        ([, data]) => JSON.parse(data ?? '') as { kind: string; id: string },
      ),
    text: () => text,
    over: () => over,
    stop: () => response.destroy(),
  };
}

const requester = () => held.world.person({ centre: held.world.centres.own, offices: ['requester'] });

describe('GET /events', () => {
  test('R60, R61: the approver hears of an application, the requester of its grant; others hear nothing, and no words', async () => {
    const { world } = held;
    const { custodian, approver } = world.people.own;
    const who = await requester();
    const item = await world.takeIn(custodian, Buffer.from('events'), {
      kind: 'document',
      title: '东门暗语',
    });
    const ears = {
      approver: await listen(approver),
      requester: await listen(who),
      sameOffice: await listen(await requester()),
      sibling: await listen(world.people.sibling.approver),
      siblingRequester: await listen(world.people.sibling.requester),
      administrator: await listen({ client: world.administrator }),
    };
    const { application, grant } = await world.grantOn(who, approver, item, { purposeWords: '暗语 案号' });
    await eventually(() => ears.requester.events().some(({ id }) => id === grant || id === application));
    await eventually(() => ears.approver.events().some(({ id }) => id === application));
    for (const other of [ears.sameOffice, ears.sibling, ears.siblingRequester, ears.administrator])
      expect(other.events()).toEqual([]);
    for (const ear of Object.values(ears)) {
      expect(ear.text()).not.toMatch(/暗语|案号|东门/);
      for (const event of ear.events()) expect(Object.keys(event).sort()).toEqual(['id', 'kind']);
      ear.stop();
    }
  });

  const endings: Readonly<Record<string, (who: Someone) => Promise<unknown>>> = {
    'signing out': (who) => who.client.must('DELETE', '/api/v1/sessions/current'),
    'signing out everywhere': (who) => who.client.must('DELETE', '/api/v1/sessions'),
    'a suspension': (who) =>
      held.world.officer.must('POST', `/api/v1/people/${who.person}/suspension`, { reason: '核查' }),
    'the end of the posting': (who) => held.world.officer.must('POST', `/api/v1/postings/${who.posting}/end`),
    'a change of rights': (who) =>
      held.world.officer.must('POST', `/api/v1/postings/${who.posting}/offices`, { office: 'custodian' }),
  };
  test.each(Object.entries(endings))('%s ends it', async (_name, end) => {
    const who = await requester();
    const ear = await listen(who);
    await end(who);
    await eventually(() => ear.over(), 2_000);
  });

  test('a client that goes away leaves nothing behind', async () => {
    const who = await requester();
    const { connections } = held.world.service.doors;
    const mine = () => connections.running().filter(({ person }) => person === who.person).length;
    const ear = await listen(who);
    await eventually(() => mine() === 1);
    ear.stop();
    await eventually(() => mine() === 0);
  });

  test('a session that runs out while it listens hears no more', async () => {
    const who = await requester();
    const ear = await listen(who);
    held.world.clock.turn(8 * 3_600_000);
    await held.world.fresh();
    await eventually(() => ear.over(), 3_000);
  });
});
