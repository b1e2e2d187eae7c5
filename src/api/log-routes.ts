/** The custody log for auditors: entries as they stand, and export packages (L9, W4). They see no content. */
import { z } from 'zod';
import type { Actor } from '../acts/act.ts';
import { exportLog } from '../acts/log/export-log.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Doors } from './doors.ts';
import { pageQuery, readPage } from './page.ts';
import { centresReached } from './people-reads.ts';
import { refused } from './problem.ts';
import { type App, readRoute, route } from './route.ts';
import { keepAlive } from './session.ts';
import { readJson } from './strict-json.ts';
import { timesIn } from './times.ts';

const tag = 'log';

const query = z.strictObject({
  ...pageQuery,
  subject: z
    .string()
    .regex(/^[a-z]{2,16}:[0-9a-f-]{36}$/)
    .optional(),
  from: z.coerce.number().int().nonnegative().optional(),
  to: z.coerce.number().int().nonnegative().optional(),
  order: z.enum(['newest', 'oldest']).default('newest'),
});

interface Stated {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly subjects: readonly { readonly id: string }[];
  readonly facts: unknown;
  readonly private: Readonly<Record<string, string>>;
}

/** Auditors of the top centre read the whole log; those below read what concerns their centres. */
async function auditScope(doors: Doors, actor: Actor): Promise<ReadonlySet<string> | 'all' | Refusal> {
  if (!actor.seats.some((seat) => seat.office === 'auditor'))
    return refuse('office-missing', { rule: 'R55' });
  if (!actor.bound) return refuse('agreement-missing', { rule: 'R24' });
  const centres = await centresReached(doors.deps.reads, actor, ['auditor']);
  if (centres.some((centre) => centre.parentId === null)) return 'all';
  return new Set(centres.map((centre) => `centre:${centre.id}`));
}

export function logRoutes(app: App, doors: Doors): void {
  const list = {
    method: 'get',
    path: '/api/v1/log/entries',
    tag,
    summary: 'Entries of the custody log, whole or of one subject.',
    query,
    answer: z.object({ entries: z.array(z.unknown()), next: z.string().nullable() }),
  } as const;
  readRoute(app, doors, list, async (c, actor) => {
    const scope = await auditScope(doors, actor);
    if (typeof scope === 'object' && isRefusal(scope)) return scope;
    const page = await readPage<z.output<typeof query>, number>(doors, c, query, {
      list: 'log',
      person: actor.person ?? '',
    });
    if (isRefusal(page)) return page;
    const { subject, from, to, order } = page.query;
    const filter = { subject, from, to, ascending: order === 'oldest' };
    const { rows, next } = await doors.lists.log(filter, page.limit, page.after);
    const entries = rows.map(({ bytes, leaf, sealed }) => {
      const stated = JSON.parse(Buffer.from(bytes).toString('utf8')) as Stated;
      return {
        ...stated,
        subjects: stated.subjects.map(({ id }) => id),
        leaf,
        kept: sealed.map(({ name }) => name),
      };
    });
    const shown =
      scope === 'all'
        ? entries
        : entries.filter((entry) => entry.subjects.some((id) => (scope as ReadonlySet<string>).has(id)));
    return { entries: shown, next: await page.mark(next) };
  });

  const words = {
    method: 'post',
    path: '/api/v1/log/exports',
    tag,
    summary: 'Export a subject, a period or the whole log as a package that proves itself.',
    body: exportLog.input,
    answerType: 'application/x-tar',
  } as const;
  route(app, words, async (c) => {
    const { jsonBytesMax: bytes, jsonDepthMax: depth, jsonBodyMs: ms } = doors.settings;
    const body = await readJson(c.req.raw, { bytes, depth, ms });
    if (isRefusal(body)) return refused(c, body);
    const idle = await keepAlive(doors, c);
    if (isRefusal(idle)) return refused(c, idle);
    const { scope, ...rest } = body as { scope?: Record<string, unknown> };
    const wish = { ...rest, scope: scope ? timesIn(scope, ['from', 'to']) : scope };
    const done = await doors.perform(exportLog, c.get('caller'), wish);
    if (isRefusal(done)) return refused(c, done);
    const made = done.receipts[0]?.seq ?? 0;
    return new Response(ReadableStream.from(doors.packages.package(done.result, made)), {
      headers: {
        'Content-Type': 'application/x-tar',
        'Content-Disposition': `attachment; filename="custos-export-${made}.custos.tar"`,
      },
    });
  });
}
