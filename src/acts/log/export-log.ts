/**
 * An auditor hands a part of the log out (custody-log L9, S8): the export is an act of its own, and its subjects hold
 * the one exported, so that the package proves its own making. Gives no byte itself.
 */
import { z } from 'zod';
import { asId, type CentreId, type SubjectKind } from '../../domain/ids.ts';
import type { Centre } from '../../domain/people.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Act, Context, Loaded } from '../act.ts';
import { entry } from '../entry.ts';
import { millisInput, wordsInput } from '../input.ts';
import type { Reads } from '../ports/tables.ts';

const subjectInput = z
  .string()
  .regex(
    /^(?:centre|person|item|application|grant):[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
const period = { from: millisInput(), to: millisInput() };
const input = z.strictObject({
  scope: z.union([
    z.strictObject({ kind: z.literal('full') }),
    z.strictObject({ kind: z.literal('period'), ...period }),
    z.strictObject({ kind: z.literal('subject'), id: subjectInput }),
    z.strictObject({ kind: z.literal('subject'), id: subjectInput, ...period }),
  ]),
  /** What private fields the package shows: none, or those whose keys are there; `all` only where no period cuts. */
  disclose: z.enum(['none', 'listed', 'all']).default('none'),
  reason: wordsInput(2000).optional(),
});
export type ExportWish = z.infer<typeof input>;

/** The centre that answers for a subject; undefined when there is no such thing. */
async function centreOf(reads: Reads, kind: SubjectKind, id: string): Promise<CentreId | undefined> {
  switch (kind) {
    case 'centre':
      return (await reads.one('centre', { id: asId<'centre'>(id) }))?.id;
    case 'person':
      return (await reads.one('person', { id: asId<'person'>(id) }))?.centreId;
    case 'item':
      return (await reads.one('item', { id: asId<'item'>(id) }))?.centreId;
    case 'application':
      return (await reads.one('application', { id: asId<'application'>(id) }))?.centreId;
    case 'grant':
      return (await reads.one('grant', { id: asId<'grant'>(id) }))?.centreId;
    default:
      return undefined;
  }
}

/** Whole and period exports show every centre: they are for auditors of the one that has none above it. */
async function rootCentre(reads: Reads): Promise<Centre | undefined> {
  return reads.one('centre', { parentId: null });
}

async function load({ scope }: ExportWish, { deps: { reads } }: Context): Promise<Loaded | Refusal> {
  if (scope.kind !== 'subject') {
    const root = await rootCentre(reads);
    return root ? { centre: root.id } : refuse('not-found', { rule: 'R1' });
  }
  const [kind = '', id = ''] = scope.id.split(':');
  const centre = await centreOf(reads, kind as SubjectKind, id);
  return centre ? { centre, object: scope.id } : refuse('not-found', { rule: 'R1' });
}

export const exportLog: Act<ExportWish, Loaded, ExportWish> = {
  name: 'export-log',
  input,
  load,
  decide(_state, wish) {
    const { scope, disclose, reason } = wish;
    const cut = 'from' in scope;
    if (cut && scope.from >= scope.to)
      return refuse('bad-input', { fields: [{ pointer: '/scope/to', code: 'not-a-span' }] });
    // A later erasure may lie outside a period, so it cannot be shown that nothing is withheld.
    if (cut && disclose === 'all')
      return refuse('bad-input', { fields: [{ pointer: '/disclose', code: 'not-with-a-period' }] });
    const subjects = scope.kind === 'subject' ? [scope.id] : [];
    const facts = {
      scope: scope.kind,
      disclose,
      ...(scope.kind === 'subject' ? { id: scope.id } : {}),
      ...(cut ? { from: scope.from, to: scope.to } : {}),
    };
    return {
      entries: [entry('log.exported', subjects, facts, reason === undefined ? undefined : { reason })],
      writes: [],
      result: wish,
    };
  },
};
