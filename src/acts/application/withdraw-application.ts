/** The requester takes an open application back (2.1). Final: the same terms may be sent anew. */
import { z } from 'zod';
import { isRefusal } from '../../domain/refusal.ts';
import type { Act } from '../act.ts';
import { idInput } from '../input.ts';
import type { CaseFile } from './case-file.ts';
import { close, overtaken } from './closing.ts';
import { loadOwnCase } from './own-case.ts';

const input = z.strictObject({ application: idInput<'application'>() });

export const withdrawApplication: Act<z.infer<typeof input>, CaseFile, { state: 'withdrawn' }> = {
  name: 'withdraw-application',
  input,
  load: ({ application }, context) => loadOwnCase(application, context),
  decide(file, _input, moment) {
    if (file.application.state === 'withdrawn') return { already: { state: 'withdrawn' } };
    const stopped = overtaken(file, moment);
    if (stopped) return stopped;
    const closed = close(file, 'withdraw', moment);
    return isRefusal(closed) ? closed : { ...closed, result: { state: 'withdrawn' } };
  },
};
