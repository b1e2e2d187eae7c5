/** The runner of jobs: one turn at a time, errors kept apart, an end that waits. */
import { expect, test } from 'vitest';
import { runJobs } from '../../src/jobs/runner.ts';
import { TurnedTimers, Watch } from './turned.ts';

test('a job never runs over itself, and its next turn counts from the end of the last', async () => {
  const timers = new TurnedTimers();
  const watch = new Watch();
  const gates: PromiseWithResolvers<number>[] = [];
  const run = () => {
    const gate = Promise.withResolvers<number>();
    gates.push(gate);
    return gate.promise;
  };
  const running = runJobs([{ name: 'slow', everyMs: 10, run }], timers, watch);
  timers.turn(9);
  expect(gates).toHaveLength(0);
  timers.turn(1);
  timers.turn(100);
  const both = [running.turn('slow'), running.turn('slow')];
  expect([gates.length, timers.waiting]).toEqual([1, 0]);
  gates[0]?.resolve(7);
  await Promise.all(both);
  expect(watch.turns).toEqual([['slow', 7]]);
  timers.turn(10);
  expect(gates).toHaveLength(2);
  gates[1]?.resolve(0);
  await running.stop();
});

test('an error ends one turn of one job: it is told, the others go on, and it is tried again', async () => {
  const timers = new TurnedTimers();
  const watch = new Watch();
  let good = 0;
  const jobs = [
    { name: 'bad', everyMs: 10, run: () => Promise.reject(new Error('broken')) },
    { name: 'good', everyMs: 10, run: async () => ++good },
  ];
  const running = runJobs(jobs, timers, watch);
  for (let turn = 1; turn <= 3; turn += 1) {
    timers.turn(10);
    await Promise.all([running.turn('good'), running.turn('bad').catch(() => undefined)]);
  }
  expect(good).toBeGreaterThanOrEqual(3);
  expect(watch.failures.length).toBeGreaterThanOrEqual(3);
  expect(new Set(watch.failures.map(([job]) => job))).toEqual(new Set(['bad']));
  await running.stop();
});

test('stop tells the running turn, waits for it, and lets no other begin', async () => {
  const timers = new TurnedTimers();
  const watch = new Watch();
  const gate = Promise.withResolvers<void>();
  let told: AbortSignal | undefined;
  const run = async (stopping: AbortSignal) => {
    told = stopping;
    await gate.promise;
    return 1;
  };
  const running = runJobs([{ name: 'job', everyMs: 10, run }], timers, watch);
  timers.turn(10);
  const stopped = running.stop();
  expect(told?.aborted).toBe(true);
  expect(watch.turns).toEqual([]);
  gate.resolve();
  await stopped;
  expect([watch.turns, timers.waiting]).toEqual([[['job', 1]], 0]);
});
