/** What a request carries through the door. */
import type { HttpBindings } from '@hono/node-server';
import type { Caller } from '../acts/act.ts';
import type { PersonId, SessionId } from '../domain/ids.ts';

export interface Env {
  Bindings: HttpBindings;
  Variables: {
    requestId: string;
    /** Pattern of the matched route, for the application log; never the path itself. */
    route: string;
    /** Problem code of the answer, if it was a refusal. */
    code?: string;
    /** Person behind the session, for the application log. */
    person?: PersonId;
    session?: SessionId;
    caller: Caller;
  };
}
