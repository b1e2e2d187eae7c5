/**
 * The application log (reliability.md 6): JSON lines, a fixed list of fields. No title, name, reason, query or token can
 * get here, because nothing but these fields is taken. Losing it stops nothing.
 */
import { pino } from 'pino';
import type { AppLog } from '../api/doors.ts';
import type { Metrics } from '../health/metrics.ts';

export interface NodeLog extends AppLog {
  /** Something that an operator should know: a word of a fixed vocabulary and figures. */
  event(what: string, figures?: Readonly<Record<string, string | number>>): void;
  /** The same for what should wake somebody. */
  alarm(what: string, figures?: Readonly<Record<string, string | number>>): void;
}

/** `write` takes whole lines; without it they go to standard output. */
export function nodeLog(metrics: Metrics, write?: (line: string) => void): NodeLog {
  const log = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    write ? { write } : pino.destination({ dest: 1, sync: true }),
  );
  return {
    request({ requestId, route, method, status, ms, bytes, person, code }) {
      metrics.requestDone({ route, method, status, ms, ...(code ? { code } : {}) });
      log.info({ requestId, route, method, status, ms, bytes, person, code }, 'request');
    },
    fault(error, requestId) {
      const { name, stack } = error instanceof Error ? error : { name: typeof error, stack: undefined };
      log.error({ requestId, fault: name, stack }, 'fault');
    },
    event: (what, figures = {}) => log.info({ ...figures }, what),
    alarm: (what, figures = {}) => log.error({ ...figures }, what),
  };
}
