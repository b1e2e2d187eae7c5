/**
 * The HTTP application: what every request passes, then the routes by noun. A test hands in its own `Doors` and
 * speaks to it through `app.request()`.
 */
import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { accountRoutes } from './api/account-routes.ts';
import { applicationRoutes } from './api/application-routes.ts';
import { clockRoutes } from './api/clock-routes.ts';
import { sameSite } from './api/cross-site.ts';
import type { Doors } from './api/doors.ts';
import type { Env } from './api/env.ts';
import { eventRoutes } from './api/event-routes.ts';
import { grantRoutes } from './api/grant-routes.ts';
import { secureHeaders } from './api/headers.ts';
import { intakeRoutes } from './api/intake-routes.ts';
import { itemRoutes } from './api/item-routes.ts';
import { logRoutes } from './api/log-routes.ts';
import { openApiDocument } from './api/openapi.ts';
import { peopleRoutes } from './api/people-routes.ts';
import { fault, refusalOfError, refused } from './api/problem.ts';
import { limited, newRates } from './api/rates.ts';
import { identify } from './api/session.ts';
import { viewingRoutes } from './api/viewing-routes.ts';
import { refuse } from './domain/refusal.ts';

export function createApp(doors: Doors): OpenAPIHono<Env> {
  const app = new OpenAPIHono<Env>();
  app.use(async (c, next) => {
    c.set('requestId', randomUUID());
    c.set('route', 'none');
    const began = performance.now();
    await next();
    const person = c.get('person');
    const code = c.get('code');
    doors.log.request({
      requestId: c.get('requestId'),
      route: c.get('route'),
      method: c.req.method,
      status: c.res.status,
      ms: Math.round(performance.now() - began),
      bytes: Number(c.res.headers.get('content-length') ?? 0),
      ...(person ? { person } : {}),
      ...(code ? { code } : {}),
    });
  });
  app.use(secureHeaders(doors.settings.tls));
  app.use(sameSite(doors.settings.origins));
  app.use(identify());
  app.use(limited(newRates(doors.settings.rateScale, () => doors.deps.clock.monotonic())));
  app.onError((error, c) => {
    const refusal = refusalOfError(error);
    if (refusal) return refused(c, refusal);
    doors.log.fault(error, c.get('requestId'));
    return fault(c);
  });
  app.notFound((c) => refused(c, refuse('not-found')));

  for (const routes of [
    accountRoutes,
    clockRoutes,
    peopleRoutes,
    itemRoutes,
    intakeRoutes,
    applicationRoutes,
    grantRoutes,
    viewingRoutes,
    logRoutes,
    eventRoutes,
  ]) {
    routes(app, doors);
  }
  openApiDocument(app);
  return app;
}
