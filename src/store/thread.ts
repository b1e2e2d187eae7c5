/**
 * How the store starts a thread, the only place that does (architecture.md, Store). Node strips the types of each
 * thread's sources, and libsodium checks signatures, in WebAssembly, whose collector in V8 13 may free the code of
 * one thread while another starts or ends: the process then dies with SIGSEGV or SIGTRAP. Never starts a thread
 * while that collector runs.
 */
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';

/**
 * A thread running `file` with `data` as its `workerData`. From the first on, code that WebAssembly no longer uses
 * stays in memory until its module goes: some MB for the process, and no more with each further thread.
 */
export function startThread(file: URL, data: unknown): Worker {
  setFlagsFromString('--no-wasm-code-gc');
  return new Worker(file, { workerData: data });
}
