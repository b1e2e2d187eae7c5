/**
 * Memory outside the heap, given back at once. The collector counts such memory and runs over the whole heap whenever some
 * 64 MB of it have been asked for, so that bulk work spends more on collecting than on ciphers. Never for shared memory.
 */

/** Frees what `bytes` lies in, if that is theirs alone; they are empty afterwards. Only who made them may do this. */
export function releaseBytes(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
