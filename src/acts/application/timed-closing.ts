/**
 * What timers may do to an application: end it when its time is over or when it may not go on (2.1, R44). They find
 * out for themselves whether it is so; nothing is taken from whoever calls.
 */
import { z } from 'zod';
import type { ApplicationState } from '../../domain/application.ts';
import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { idInput } from '../input.ts';
import { type CaseFile, loadCase } from './case-file.ts';
import { close, hasTimedOut, invalidCause, isClosed } from './closing.ts';

const input = z.strictObject({ application: idInput<'application'>() });
type Input = z.infer<typeof input>;
type Result = { readonly state: ApplicationState };

/** Ends an application whose time in this state is over; before that instant it is `state-forbids`. */
export const expireApplication: Act<Input, CaseFile, Result> = {
  name: 'expire-application',
  input,
  load: ({ application }, context) => loadCase(application, context),
  decide(file, _input, moment) {
    const { state } = file.application;
    if (state === 'expired') return { already: { state } };
    if (!hasTimedOut(file, moment.now))
      return refuse(isClosed(file) ? 'application-closed' : 'state-forbids');
    const closed = close(file, 'time-out', moment);
    return isRefusal(closed) ? closed : { ...closed, result: { state: 'expired' } };
  },
};

/** Ends an application that may not go on: requester, items or policy are no longer what they must be. */
export const invalidateApplication: Act<Input, CaseFile, Result> = {
  name: 'invalidate-application',
  input,
  load: ({ application }, context) => loadCase(application, context),
  decide(file, _input, moment) {
    const { state } = file.application;
    if (state === 'invalidated') return { already: { state } };
    const cause = invalidCause(file, moment.now);
    if (isClosed(file) || cause === undefined) {
      return refuse(isClosed(file) ? 'application-closed' : 'state-forbids');
    }
    const closed = close(file, 'invalidate', moment, { cause });
    return isRefusal(closed) ? closed : { ...closed, result: { state: 'invalidated' } };
  },
};
