/** The jobs of a node with what they need; figures and failures go to metrics and the application log. */
import type { Metrics } from '../health/metrics.ts';
import { clockWatch } from '../jobs/clock-watch.ts';
import { dueActs } from '../jobs/due-acts.ts';
import { expireIntakes, sweepUploads } from '../jobs/intakes.ts';
import { checkLogDaily } from '../jobs/log-check.ts';
import { deliverOutbox } from '../jobs/outbox.ts';
import { pruneWorking } from '../jobs/pruning.ts';
import { recordRefusedSignIns } from '../jobs/refused-sign-ins.ts';
import { type Job, type RunningJobs, runJobs, type Timers } from '../jobs/runner.ts';
import type { NodeLog } from './app-log.ts';
import { checkLog } from './log-check.ts';
import type { Parts } from './parts.ts';

const systemTimers: Timers = {
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

/** Every job of a node. */
export function nodeJobs(parts: Parts, log: NodeLog): Job[] {
  const { store, vault, keys } = parts;
  const effects = {
    uploads: vault.uploads,
    async destroyKey(place: { readonly collection: string; readonly keyIndex: number }) {
      await keys.keyring.puncture(place.collection, place.keyIndex);
      vault.privacy.punctured(place);
    },
    gaveUp: (topic: string, ageMs: number) => log.alarm('outbox-given-up', { topic, ageMs }),
  };
  return [
    clockWatch(parts),
    dueActs(parts),
    deliverOutbox(parts, store.working.outbox, effects),
    expireIntakes(parts),
    sweepUploads(parts, vault.blob),
    checkLogDaily(parts, { check: (stopping) => checkLog(store.ledger, parts.deps, stopping) }),
    pruneWorking(parts, store.working),
    recordRefusedSignIns(parts, () => parts.guard.taken()),
  ];
}

/** Starts them on the machine's timers. */
export function startJobs(parts: Parts, metrics: Metrics, log: NodeLog): RunningJobs {
  const jobs = nodeJobs(parts, log);
  metrics.gauge(
    'custos_rights_differing',
    'Rows that give rights and differ from the log, as found since the start.',
    () => parts.deps.rights.found,
  );
  const lastGood = new Map<string, number>();
  for (const { name } of jobs) {
    lastGood.set(name, performance.now());
    metrics.gauge(
      `custos_job_${name.replaceAll('-', '_')}_age_seconds`,
      `Seconds since ${name} last ended well.`,
      () => (performance.now() - (lastGood.get(name) ?? 0)) / 1000,
    );
  }
  return runJobs(jobs, systemTimers, {
    done: (name) => void lastGood.set(name, performance.now()),
    failed(name, error) {
      log.alarm('job-failed', { job: name });
      log.fault(error);
    },
  });
}
