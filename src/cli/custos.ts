#!/usr/bin/env node
/**
 * The command line's first step. The thread pool takes its size from the environment when it is first used, so nothing
 * else may be loaded before it is set (reliability.md 1); and an old Node is told so in words.
 */
import { setFlagsFromString } from 'node:v8';

process.env.UV_THREADPOOL_SIZE ??= '8';
// While code is read nearly all of it survives; the young generation would grow to 64 MB in each thread, and stay there.
setFlagsFromString('--semi-space-growth-factor=1');
// Buffers count against the heap's limit, and it stands close above so small a heap: left alone, the collector runs after
// every few dozen MB of content and takes three times what the ciphers take.
setFlagsFromString('--heap-growing-percent=100');
// What this program writes is for its owner alone, whatever a library asks for.
process.umask(0o077);

const { main } = await import('./program.ts');
await main(process.argv);
