/**
 * Live state by server-sent events: ids and kinds only, so nobody learns by push what they could not read. The
 * stream ends with the session; a comment every 15 s keeps proxies from closing it.
 */
import { streamSSE } from 'hono/streaming';
import { isRefusal } from '../domain/refusal.ts';
import type { Doors } from './doors.ts';
import { refused } from './problem.ts';
import { type App, route } from './route.ts';
import { readerOf } from './session.ts';

const heartbeatMs = 15_000;

export function eventRoutes(app: App, doors: Doors): void {
  const words = {
    method: 'get',
    path: '/api/v1/events',
    tag: 'live',
    summary: 'What changed, as ids and kinds; read the thing itself for more.',
    answerType: 'text/event-stream',
  } as const;
  route(app, words, async (c) => {
    const since = doors.connections.now();
    const actor = await readerOf(doors, c, 'session');
    if (isRefusal(actor)) return refused(c, actor);
    const { person, session } = actor;
    if (!person || !session) return refused(c, { refused: 'sign-in-required' });
    const response = streamSSE(c, async (stream) => {
      let sequence = 0;
      let finish = (): void => {};
      const ended = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const keys = { person, session, grant: null, item: null, viewing: null };
      const connection = doors.connections.register(keys, since, finish);
      const leave = doors.connections.subscribe(person, ({ kind, id }) => {
        sequence += 1;
        stream
          .writeSSE({ event: kind, id: String(sequence), data: JSON.stringify({ kind, id }) })
          .catch(finish);
      });
      const beat = setInterval(() => stream.write(': \n\n').catch(finish), heartbeatMs);
      stream.onAbort(finish);
      await ended;
      clearInterval(beat);
      leave();
      connection.release();
    });
    response.headers.set('Cache-Control', 'no-store');
    response.headers.set('X-Accel-Buffering', 'no');
    return response;
  });
}
