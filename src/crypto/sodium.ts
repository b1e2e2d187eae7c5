/**
 * libsodium, ready to use: whoever imports this module may call it synchronously (K3.7).
 * Never used for bulk content or for random bytes; both are faster from `node:crypto`.
 */
import sodium from 'libsodium-wrappers';

await sodium.ready;

export { sodium };
