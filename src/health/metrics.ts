/** The figures that an operator watches; labels are route patterns and codes, never a person or an item. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  requestDone(line: { route: string; method: string; status: number; ms: number; code?: string }): void;
  /** Is asked at each scrape. */
  gauge(name: string, help: string, read: () => number): void;
}

export function newMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'custos_' });
  const seconds = new Histogram({
    name: 'custos_request_seconds',
    help: 'Time to answer, by route pattern.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 1, 5],
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'custos_refusals_total',
    help: 'Refusals by code.',
    labelNames: ['code'],
    registers: [registry],
  });
  return {
    registry,
    requestDone: ({ route, method, status, ms, code }) => {
      seconds.observe({ route, method, status: String(status) }, ms / 1000);
      if (code) refusals.inc({ code });
    },
    gauge: (name, help, read) => {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
  };
}
