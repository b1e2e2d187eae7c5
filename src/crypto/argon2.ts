/**
 * Argon2id (RFC 9106) by Node's asynchronous implementation, for passwords and for the passphrase seal (K2.5).
 * Never runs on the event loop.
 */
import { argon2 } from 'node:crypto';
import { promisify } from 'node:util';

/** What one derivation costs: memory in KiB, passes over it, parallel lanes. */
export type Argon2Cost = { readonly memory: number; readonly passes: number; readonly lanes: number };

/** 64 MiB, 3 passes, 1 lane (reliability section 5); about 180 ms. */
export const STANDARD_COST: Argon2Cost = { memory: 65_536, passes: 3, lanes: 1 };

const derive = promisify(argon2);

/** The 32-byte Argon2id tag of `message` under `salt` (at least 8 bytes), version 0x13. */
export async function argon2id(message: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Promise<Buffer> {
  return await derive('argon2id', {
    message,
    nonce: salt,
    memory: cost.memory,
    passes: cost.passes,
    parallelism: cost.lanes,
    tagLength: 32,
  });
}
