/** Many acts of one kind as rows: `POST path`, the id in the path, the rest in the body. */
import type { z } from 'zod';
import type { AnyAct } from '../acts/act.ts';
import type { Doors } from './doors.ts';
import { type App, actRoute, fromPath } from './route.ts';

export interface ActRow {
  readonly act: AnyAct;
  /** Below `/api/v1`. */
  readonly path: string;
  readonly summary: string;
  /** Member of the input that each id in the path fills, in order. */
  readonly from?: readonly string[];
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** 201 unless it changes a thing that is there. */
  readonly status?: 200 | 201;
  readonly secret?: boolean;
}

export function actRows(app: App, doors: Doors, tag: string, rows: readonly ActRow[]): void {
  for (const { act, path, from = [], body, status = 201, secret, summary, answer } of rows) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? 'id');
    const words = {
      method: 'post',
      path: `/api/v1${path}`,
      tag,
      summary,
      answer,
      status,
      ...(body ? { body } : {}),
    } as const;
    actRoute(app, doors, act, words, {
      input: (c, given) => from.reduce((input, member, at) => fromPath(member, names[at])(c, input), given),
      ...(secret ? { secret } : {}),
    });
  }
}
