/**
 * Watching (D5, R37–R42, K6): an opening is an act; every response with clear bytes is preceded by its durable fact;
 * the stream hangs on its lease, on the connection's own registration and on this node's sight of the log, and any
 * end resets the connection. A view grant never yields a download: no file name, sandboxed, not stored (R42).
 */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Context } from 'hono';
import { z } from 'zod';
import { closeViewing } from '../acts/grant/close-viewing.ts';
import { openViewing } from '../acts/grant/open-viewing.ts';
import { release } from '../acts/grant/release.ts';
import { renewLease } from '../acts/grant/renew-lease.ts';
import { type Lease, leaseOf } from '../acts/lease.ts';
import { type Opened, sealedItemOf } from '../acts/ports/content.ts';
import { asId, subjectOf } from '../domain/ids.ts';
import type { Item } from '../domain/item.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { byteRanges } from './byteranges.ts';
import { conditionOf, rangeApplies } from './conditions.ts';
import type { Doors } from './doors.ts';
import type { Env } from './env.ts';
import { contentPolicy } from './headers.ts';
import { refused } from './problem.ts';
import { chooseRange, contentRange, type RangeChoice, type Span } from './range.ts';
import { type App, actRoute, fromPath, route } from './route.ts';
import { readerOf } from './session.ts';

const tag = 'viewing';
const contentPath = '/api/v1/viewings/{id}/content';
const time = z.iso.datetime();

/** What a viewing may show: moving pictures, sound and still pictures as found in the bytes, and plain text. */
const viewable = /^(?:video|audio)\/|^image\/(?:jpeg|png|webp)$|^text\/plain$/;
/** Where a browser says what it will do with the bytes, it must be to show them (portal 4). */
const destinations = new Set(['video', 'audio', 'image', 'empty']);

/** Bytes handed on so far, by viewing: what the entry of its closing says. */
type Counted = Map<string, number>;

export function viewingRoutes(app: App, doors: Doors): void {
  const counted: Counted = new Map();
  actRoute(
    app,
    doors,
    openViewing,
    {
      method: 'post',
      path: '/api/v1/grants/{id}/viewings',
      tag,
      summary: 'Open one granted item; the first opening starts the grant.',
      body: z.object({ item: z.string() }),
      status: 201,
      answer: z.object({
        viewing: z.string(),
        content: z.string(),
        notAfter: time,
        leaseUntil: time,
        use: z.number(),
      }),
    },
    {
      input: fromPath('grant'),
      present: (opened) => ({ ...opened, content: `/api/v1/viewings/${opened.viewing}/content` }),
    },
  );
  actRoute(
    app,
    doors,
    renewLease,
    {
      method: 'post',
      path: '/api/v1/viewings/{id}/heartbeat',
      tag,
      summary: 'Keep a viewing open, and say how much of it was played.',
      body: z.object({ secondsWatched: z.number().int() }),
      answer: z.object({ leaseUntil: time, notAfter: time, now: z.number(), secondsWatched: z.number() }),
    },
    { input: fromPath('viewing') },
  );
  actRoute(
    app,
    doors,
    closeViewing,
    {
      method: 'post',
      path: '/api/v1/viewings/{id}/close',
      tag,
      summary: 'Close a viewing.',
      body: z.object({ secondsWatched: z.number().int() }),
      answer: z.object({ secondsWatched: z.number() }),
    },
    {
      input: (c, body) => ({
        ...fromPath('viewing')(c, body),
        bytes: 'bytes' in body ? null : (counted.get(c.req.param('id') ?? '') ?? 0),
      }),
    },
  );
  for (const method of ['get', 'head'] as const) {
    const words = {
      method,
      path: contentPath,
      tag,
      summary: 'The bytes of a viewing; single and several ranges.',
      answerType: 'application/octet-stream',
    };
    route(app, words, (c) => content(doors, c, counted));
  }
}

async function content(doors: Doors, c: Context<Env>, counted: Counted): Promise<Response> {
  const since = doors.connections.now();
  const destination = c.req.header('sec-fetch-dest');
  if (destination !== undefined && !destinations.has(destination))
    return refused(c, refuse('cross-site', { rule: 'R42' }));
  const actor = await readerOf(doors, c, 'session');
  if (isRefusal(actor)) return refused(c, actor);
  const lease = await leaseOf(doors.deps, c.get('caller'), asId<'viewing'>(c.req.param('id') ?? ''));
  if (isRefusal(lease)) return refused(c, lease);
  const item = await doors.deps.reads.one('item', { id: lease.item });
  if (!item || !viewable.test(item.mediaType))
    return refused(c, refuse('item-not-available', { rule: 'R42' }));
  const etag = `"${createHash('sha256').update(`${item.objectName}/${lease.grant}`).digest('base64url').slice(0, 32)}"`;
  const condition = conditionOf(c.req.method, etag, {
    ifMatch: c.req.header('if-match'),
    ifNoneMatch: c.req.header('if-none-match'),
  });
  if (condition === 412) return refused(c, refuse('version-conflict'));
  const headers = contentHeaders(item, etag);
  if (condition === 304) return new Response(null, { status: 304, headers });
  const asked = rangeApplies(etag, { ifRange: c.req.header('if-range') }) ? c.req.header('range') : undefined;
  const choice = chooseRange(c.req.method, asked, item.size);
  if (choice.send === 'malformed') return refused(c, refuse('bad-input'));
  if (choice.send === 'nothing') {
    headers.set('Content-Range', contentRange(item.size));
    return new Response(null, { status: 416, headers });
  }
  if (c.req.method === 'HEAD') return head(item, headers);
  return send(doors, c, { lease, item, choice, headers, since, counted });
}

function contentHeaders(item: Item, etag: string): Headers {
  return new Headers({
    'Content-Type': item.mediaType === 'text/plain' ? 'text/plain; charset=utf-8' : item.mediaType,
    'Content-Disposition': 'inline',
    'Content-Security-Policy': contentPolicy,
    'Cache-Control': 'private, no-store',
    'Accept-Ranges': 'bytes',
    'X-Accel-Buffering': 'no',
    ETag: etag,
  });
}

function head(item: Item, headers: Headers): Response {
  headers.set('Content-Length', String(item.size));
  return new Response(null, { status: 200, headers });
}

interface Wanted {
  readonly lease: Lease;
  readonly item: Item;
  readonly choice: Extract<RangeChoice, { send: 'whole' | 'spans' }>;
  readonly headers: Headers;
  readonly since: number;
  readonly counted: Counted;
}

async function send(doors: Doors, c: Context<Env>, wanted: Wanted): Promise<Response> {
  const { item, choice, since, counted } = wanted;
  const { connections, nodeLease, settings } = doors;
  const { person, session, grant, viewing } = wanted.lease;
  const running = connections.running().filter((keys) => keys.person === person && keys.viewing !== null);
  if (running.length >= settings.streamsPerPerson)
    return refused(c, refuse('too-many-tries', { retryAfter: 1 }));
  const socket: Socket | undefined = c.env?.incoming?.socket;
  const connection = connections.register({ person, session, grant, item: item.id, viewing }, since, () =>
    socket?.resetAndDestroy(),
  );
  const lease = wanted.lease.under({
    live: () => connection.live() && nodeLease.ok(),
    regained: async (signal) => connection.live() && (await nodeLease.regained(signal)),
  });
  try {
    const key = await doors.deps.reads.one('subjectKey', { id: subjectOf('item', item.id) });
    if (!key) throw new Error('The item has no key.');
    const opened = await doors.contents.open(lease, sealedItemOf(item, key));
    const spans: readonly [Span, ...Span[]] =
      choice.send === 'spans' ? choice.spans : [{ from: 0, to: item.size }];
    const released = await releaseAll(doors, lease, spans, c.get('requestId'));
    if (isRefusal(released)) {
      connection.release();
      return refused(c, released);
    }
    const pacer = doors.pacingOf(viewing, averageRate(item));
    pacer?.seek();
    const open = (span: Span) =>
      opened.stream(span.from, span.to, {
        ...(pacer ? { pacer } : {}),
        endRelative: choice.send === 'spans' && choice.endRelative,
      });
    const done = () => connection.release();
    const count = (bytes: number) => counted.set(viewing, (counted.get(viewing) ?? 0) + bytes);
    return respond(wanted, opened, spans, open, { done, count, broken: () => socket?.resetAndDestroy() });
  } catch (error) {
    connection.release();
    throw error;
  }
}

/** One durable fact for each span, before any byte of the response (L4.4). */
async function releaseAll(
  doors: Doors,
  lease: Lease,
  spans: readonly Span[],
  requestId: string,
): Promise<Refusal | undefined> {
  for (const { from, to } of spans) {
    const receipt = await release(doors.deps, lease, from, to, requestId);
    if (isRefusal(receipt)) return receipt;
  }
  return undefined;
}

/** Bytes a second at normal speed; a file whose length is not known is paced as 8 Mb/s. */
const averageRate = (item: Item): number =>
  item.durationMs && item.durationMs > 0 ? (item.size * 1000) / item.durationMs : 1_000_000;

function respond(
  { item, choice, headers }: Wanted,
  opened: Opened,
  spans: readonly [Span, ...Span[]],
  open: (span: Span) => ReadableStream<Uint8Array>,
  on: { done(): void; count(bytes: number): void; broken(): void },
): Response {
  const [first] = spans;
  if (spans.length > 1) {
    const parts = byteRanges(spans, opened.size, headers.get('Content-Type') ?? '');
    headers.set('Content-Type', parts.contentType);
    headers.set('Content-Length', String(parts.length));
    return new Response(watched(parts.body(open), on), { status: 206, headers });
  }
  headers.set('Content-Length', String(first.to - first.from));
  if (choice.send === 'whole') return new Response(watched(open(first), on), { status: 200, headers });
  headers.set('Content-Range', contentRange(item.size, first));
  return new Response(watched(open(first), on), { status: 206, headers });
}

/** Passes bytes on and says when the stream is over; a stream that fails resets its connection, never a clean end. */
function watched(
  stream: ReadableStream<Uint8Array>,
  on: { done(): void; count(bytes: number): void; broken(): void },
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          on.done();
          controller.close();
          controller.byobRequest?.respond(0);
          return;
        }
        on.count(value.byteLength);
        controller.enqueue(value as Uint8Array<ArrayBuffer>);
      } catch (error) {
        on.done();
        on.broken();
        controller.error(error);
      }
    },
    async cancel(reason) {
      on.done();
      await reader.cancel(reason);
    },
  });
}
