/**
 * Intake (K5): an act begins it, tus 1.0 brings the bytes, an act takes the finished item into custody. The upload
 * belongs to whoever began it; to anybody else it does not exist (X55).
 */
import type { Context } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { Actor } from '../acts/act.ts';
import { accessionItem } from '../acts/intake/accession-item.ts';
import { beginIntake } from '../acts/intake/begin-intake.ts';
import { cancelIntake } from '../acts/intake/cancel-intake.ts';
import { type Description, descriptionField } from '../acts/intake/intake-words.ts';
import { type UploadRow, uploadRowOf } from '../acts/ports/content.ts';
import { asId, subjectOf } from '../domain/ids.ts';
import type { Intake } from '../domain/item.ts';
import { isRefusal, type Refusal, type RefusalCode, refuse } from '../domain/refusal.ts';
import type { Doors } from './doors.ts';
import type { Env } from './env.ts';
import { refused } from './problem.ts';
import { type App, actRoute, fromPath, readRoute, route } from './route.ts';
import { readerOf } from './session.ts';
import { timesIn } from './times.ts';
import { type TusAnswer, type TusUpload, tusCreated, tusCreation, tusOptions, tusVerbs } from './tus.ts';

const tag = 'intake';
const contentPath = '/api/v1/intakes/{id}/content';
const contentOf = (intake: string): string => `/api/v1/intakes/${intake}/content`;

const begun = z.object({ intake: z.string(), upload: z.string(), expiresAt: z.iso.datetime() });
const accessioned = z.object({
  item: z.string(),
  number: z.string(),
  state: z.string(),
  scan: z.string(),
  typeAsClaimed: z.boolean(),
  duplicateOf: z.object({ item: z.string(), number: z.string() }).nullable(),
});

/** An open intake of the actor's own with its upload's columns. */
async function ownIntake(
  doors: Doors,
  actor: Actor,
  id: string,
): Promise<{ intake: Intake; row: UploadRow } | Refusal> {
  const { reads } = doors.deps;
  const intake = await reads.one('intake', { id: asId<'item'>(id) });
  const key = await reads.one('subjectKey', { id: subjectOf('item', id) });
  const custodian = actor.seats.some(
    (seat) => seat.office === 'custodian' && seat.centreId === intake?.centreId,
  );
  if (!intake || !key || intake.personId !== actor.person || !custodian)
    return refuse('not-found', { rule: 'X55' });
  return { intake, row: uploadRowOf(intake, key) };
}

export function intakeRoutes(app: App, doors: Doors): void {
  beginRoute(app, doors);
  contentRoutes(app, doors);
  actRoute(
    app,
    doors,
    accessionItem,
    {
      method: 'post',
      path: '/api/v1/intakes/{id}/accession',
      tag,
      summary: 'Take the uploaded file into custody: fingerprint, probe, scan, register number.',
      status: 201,
      answer: accessioned,
    },
    {
      input: fromPath('intake'),
      after: async ({ item }) => doors.uploads.settle(item),
    },
  );
  readRoute(
    app,
    doors,
    {
      method: 'get',
      path: '/api/v1/intakes',
      tag,
      summary: 'My unfinished uploads and how far each has come.',
      answer: z.object({
        intakes: z.array(begun.extend({ title: z.string(), size: z.number(), offset: z.number() })),
      }),
    },
    async (_c, actor) => ({ intakes: await unfinished(doors, actor) }),
  );
}

async function unfinished(doors: Doors, actor: Actor) {
  const { reads, privacy } = doors.deps;
  if (!actor.person) return [];
  const open = await reads.all('intake', { personId: actor.person, state: 'open' }, { orderBy: 'createdAt' });
  return Promise.all(
    open.map(async (intake) => {
      const subject = subjectOf('item', intake.id);
      const key = await reads.one('subjectKey', { id: subject });
      const words = await privacy.open(subject, descriptionField, intake.sealedDescription);
      return {
        intake: intake.id,
        upload: contentOf(intake.id),
        title: words === null ? '' : (JSON.parse(words) as Description).title,
        size: intake.size,
        offset: key ? ((await doors.uploads.offset(uploadRowOf(intake, key))) ?? 0) : 0,
        expiresAt: intake.expiresAt,
      };
    }),
  );
}

/** Begins by JSON, or as tus creation: then the metadata members are the fields of the same act. */
function beginRoute(app: App, doors: Doors): void {
  const path = '/api/v1/intakes';
  const start = async (intake: string): Promise<void> => {
    const { reads } = doors.deps;
    const row = await reads.one('intake', { id: asId<'item'>(intake) });
    const key = await reads.one('subjectKey', { id: subjectOf('item', intake) });
    if (row && key) await doors.uploads.create(uploadRowOf(row, key));
  };
  const words = {
    method: 'post',
    path,
    tag,
    summary: 'Begin to take a file in. Bytes follow by tus 1.0 at `upload`.',
    body: z.object({
      centre: z.string(),
      kind: z.enum(['recording', 'document']),
      class: z.string(),
      title: z.string(),
      source: z.string(),
      place: z.string(),
      recordedFrom: z.iso.datetime().optional(),
      recordedTo: z.iso.datetime().optional(),
      claimedType: z.string().optional(),
      involved: z.array(z.string()).optional(),
      size: z.number().int(),
      sha256: z.string().optional(),
    }),
    status: 201,
    answer: begun,
  } as const;
  app.on('POST', path, async (c, next) => {
    if (c.req.header('tus-resumable') === undefined) return next();
    c.set('route', path);
    const creation = tusCreation({ headers: c.req.raw.headers }, doors.deps.settings.itemSizeMax);
    if ('status' in creation) return tusResponse(c, creation);
    const { involved, ...plain } = Object.fromEntries(creation.metadata);
    const input = timesIn({
      ...plain,
      size: creation.length,
      ...(involved === undefined ? {} : { involved: involved.split(',') }),
    });
    const done = await doors.perform(beginIntake, c.get('caller'), input);
    if (isRefusal(done)) return refused(c, done);
    await start(done.result.intake);
    return tusResponse(c, tusCreated(contentOf(done.result.intake), done.result.expiresAt));
  });
  actRoute(app, doors, beginIntake, words, {
    present: ({ intake, expiresAt }, c) => {
      c.header('Location', contentOf(intake));
      return { intake, upload: contentOf(intake), expiresAt };
    },
    after: ({ intake }) => start(intake),
  });
  app.on('OPTIONS', path, (c) => tusResponse(c, tusOptions(doors.deps.settings.itemSizeMax)));
}

function contentRoutes(app: App, doors: Doors): void {
  const verbs = tusVerbs(doors.uploads);
  const upload = async (c: Context<Env>): Promise<TusUpload | undefined | Refusal> => {
    const actor = await readerOf(doors, c);
    if (isRefusal(actor)) return actor;
    const found = await ownIntake(doors, actor, c.req.param('id') ?? '');
    if (isRefusal(found)) return undefined;
    const { intake, row } = found;
    const { now } = doors.deps.clock.judge((await doors.deps.ledger.head()).at);
    const over = intake.state !== 'open' || intake.expiresAt <= now;
    // A crash between the act and the first byte leaves an intake without an upload: it begins here.
    if (!over) await doors.uploads.create(row);
    return { row, expiresAt: intake.expiresAt, over, metadata: '' };
  };
  const mount = (
    method: 'head' | 'patch' | 'delete',
    summary: string,
    act: (c: Context<Env>, found: TusUpload | undefined) => Promise<Response>,
  ) =>
    route(
      app,
      { method, path: contentPath, tag, summary, status: method === 'head' ? 200 : 204 },
      async (c) => {
        const found = await upload(c);
        return isRefusal(found) ? refused(c, found) : act(c, found);
      },
    );
  const request = (c: Context<Env>) => {
    const body = bodyOf(c);
    return {
      headers: c.req.raw.headers,
      ...(body ? { body: bounded(body, doors.settings.patchBytesMax) } : {}),
      signal: c.req.raw.signal,
    };
  };
  mount('head', 'Where the upload stands (tus).', async (c, found) =>
    tusResponse(c, await verbs.head(request(c), found)),
  );
  mount('patch', 'Bytes from an offset on (tus); what is acknowledged is durable.', async (c, found) => {
    const length = Number(c.req.header('content-length') ?? 0);
    if (length > doors.settings.patchBytesMax) return refused(c, refuse('too-large'));
    return tusResponse(c, await verbs.patch(request(c), found));
  });
  mount('delete', 'Give the upload up (tus termination).', async (c, found) => {
    if (!found || found.over) return tusResponse(c, await verbs.remove(request(c), found));
    const done = await doors.perform(cancelIntake, c.get('caller'), { intake: found.row.id });
    if (isRefusal(done)) return refused(c, done);
    return tusResponse(c, await verbs.remove(request(c), found));
  });
}

/** The bytes as the socket brings them: a web stream around them costs as much again as sealing them. */
function bodyOf(c: Context<Env>): AsyncIterable<Uint8Array> | null {
  // What is left unread is the server's to deal with: the answer must still go out.
  return c.env?.incoming?.iterator({ destroyOnReturn: false }) ?? c.req.raw.body;
}

/** Ends with an error once more than `most` bytes came: a length header is a claim, not a measure (X56). */
async function* bounded(body: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > most) throw new RangeError('The body is larger than a request may be.');
    yield part;
  }
}

/** tus's own headers; a refusal carries the problem document as every other one does. */
function tusResponse(c: Context<Env>, answer: TusAnswer): Response {
  const known: Partial<Record<string, RefusalCode>> = {
    'upload-locked': 'upload-locked',
    'upload-conflict': 'upload-conflict',
    'too-large': 'too-large',
    'wrong-type': 'wrong-type',
    'not-found': 'not-found',
  };
  const code = answer.code && (known[answer.code] ?? 'bad-input');
  const problem = code ? refused(c, refuse(code)) : undefined;
  const headers = new Headers(problem?.headers);
  for (const [name, value] of Object.entries(answer.headers)) headers.set(name, value);
  c.status(answer.status as StatusCode);
  return new Response(c.req.method === 'HEAD' ? null : (problem?.body ?? null), {
    status: answer.status,
    headers,
  });
}
