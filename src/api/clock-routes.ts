/** The clock in doubt (R46, R47): two officers confirm it. What it says is on the readiness page of the health port. */
import { z } from 'zod';
import { confirmClock } from '../acts/clock/confirm-clock.ts';
import { type ActRow, actRows } from './act-rows.ts';
import type { Doors } from './doors.ts';
import type { App } from './route.ts';

const rows: readonly ActRow[] = [
  {
    act: confirmClock,
    path: '/clock/confirmations',
    summary:
      'Confirm that the clock is right as it stands; it takes a security officer and a system administrator within 10 minutes (R46).',
    answer: z.object({ cleared: z.boolean(), time: z.number() }),
  },
];

export function clockRoutes(app: App, doors: Doors): void {
  actRows(app, doors, 'clock', rows);
}
