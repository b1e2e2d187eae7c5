/** The catalogue: what a centre has in custody, with filters, words and page marks (S7, S10). */
import { z } from 'zod';
import { describeItem } from '../acts/intake/describe-item.ts';
import { raiseClass } from '../acts/intake/raise-class.ts';
import type { After } from '../acts/ports/lists.ts';
import { asId } from '../domain/ids.ts';
import { itemClasses } from '../domain/item.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { Doors } from './doors.ts';
import { cataloguePage, catalogueScope, itemInScope, presentItem } from './item-reads.ts';
import { listOf, pageQuery, readPage, timeOf } from './page.ts';
import { type App, actRoute, fromPath, readRoute } from './route.ts';

const tag = 'items';
const time = z.iso.datetime().nullable();
const itemSchema = z.object({
  id: z.string(),
  centre: z.string(),
  number: z.string(),
  kind: z.string(),
  class: z.string(),
  title: z.string().nullable(),
  source: z.string(),
  place: z.string(),
  recordedFrom: time,
  recordedTo: time,
  state: z.string(),
  scan: z.string(),
  mediaType: z.string(),
  claimedType: z.string(),
  size: z.number(),
  sha256: z.string(),
  durationMs: z.number().nullable(),
  custodian: z.string(),
  version: z.number(),
  acceptedAt: z.iso.datetime(),
});

const query = z.strictObject({
  ...pageQuery,
  q: z.string().min(1).max(100).optional().describe('Words of title, place or source; all must be there.'),
  kind: listOf(['recording', 'document']),
  class: listOf(itemClasses),
  state: listOf(['quarantine', 'held', 'shredded']),
  scan: listOf(['clean', 'infected', 'not-scanned']),
  source: z.string().max(300).optional(),
  place: z.string().max(300).optional(),
  number: z.string().max(40).optional(),
  sha256: z.string().max(64).optional(),
  custodian: z.string().max(40).optional(),
  recordedFrom: timeOf(),
  recordedTo: timeOf(),
});

export function itemRoutes(app: App, doors: Doors): void {
  const list = {
    method: 'get',
    path: '/api/v1/items',
    tag,
    summary: 'The catalogue of my centres, newest number first.',
    query,
    answer: z.object({ items: z.array(itemSchema), next: z.string().nullable() }),
  } as const;
  readRoute(app, doors, list, async (c, actor) => {
    const centres = await catalogueScope(doors, actor);
    if (isRefusal(centres)) return centres;
    const page = await readPage<z.output<typeof query>, After<string>>(doors, c, query, {
      list: 'items',
      person: actor.person ?? '',
    });
    if (isRefusal(page)) return page;
    const { q, kind, class: classes, state, scan, source, place, number, sha256, custodian } = page.query;
    const { recordedFrom: from, recordedTo: to } = page.query;
    const filter = {
      centres,
      kinds: kind,
      classes,
      states: state,
      scans: scan,
      source,
      place,
      number,
      sha256,
      custodianId: custodian === undefined ? undefined : asId<'person'>(custodian),
      recorded: from === undefined && to === undefined ? undefined : { from, to },
    };
    const { rows, next } = await cataloguePage(doors, filter, q, page.limit, page.after);
    const titles = await doors.titles.titles(rows.map((item) => item.id));
    return { items: rows.map((item) => presentItem(item, titles.get(item.id))), next: await page.mark(next) };
  });

  const one = {
    method: 'get',
    path: '/api/v1/items/{id}',
    tag,
    summary: 'One item.',
    answer: itemSchema,
  } as const;
  readRoute(app, doors, one, async (c, actor) => {
    const item = await itemInScope(doors, actor, c.req.param('id') ?? '');
    if (isRefusal(item)) return item;
    c.header('ETag', `"${item.version}"`);
    return presentItem(item, (await doors.titles.titles([item.id])).get(item.id));
  });

  actRoute(
    app,
    doors,
    describeItem,
    {
      method: 'patch',
      path: '/api/v1/items/{id}',
      tag,
      summary: 'Correct what describes an item; `If-Match` names the version that was read.',
      body: z
        .object({
          title: z.string(),
          source: z.string(),
          place: z.string(),
          recordedFrom: time,
          recordedTo: time,
        })
        .partial(),
      answer: z.object({ version: z.number() }),
    },
    {
      input: (c, body) => ({
        ...fromPath('item')(c, body),
        version:
          'version' in body
            ? null
            : Number(/^"(\d+)"$/.exec(c.req.header('if-match') ?? '')?.[1] ?? Number.NaN),
      }),
    },
  );
  actRoute(
    app,
    doors,
    raiseClass,
    {
      method: 'post',
      path: '/api/v1/items/{id}/class',
      tag,
      summary: 'Raise the class of an item; running access above the clearance is suspended (R63).',
      body: z.object({ class: z.string(), reason: z.string() }),
      answer: z.object({}),
    },
    { input: fromPath('item') },
  );
}
