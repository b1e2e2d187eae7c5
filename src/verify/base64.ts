/**
 * Strict base64 (RFC 4648 section 4): one spelling for each byte string. Padding is required, the bits it hides
 * are zero, and no other character is let through. Only C2SP formats use it.
 */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Uint8Array(128).fill(255);
for (let index = 0; index < 64; index += 1) values[alphabet.charCodeAt(index)] = index;

/** The base64 of `bytes`, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const word = a * 65_536 + b * 256 + c;
    text += alphabet.charAt(Math.floor(word / 262_144)) + alphabet.charAt(Math.floor(word / 4096) % 64);
    text += at + 1 < bytes.length ? alphabet.charAt(Math.floor(word / 64) % 64) : '=';
    text += at + 2 < bytes.length ? alphabet.charAt(word % 64) : '=';
  }
  return text;
}

/** The bytes of `text`, or undefined unless `text` is exactly what `encodeBase64` gives for them. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const out = new Uint8Array((text.length / 4) * 3);
  for (let at = 0, to = 0; at < text.length; at += 4, to += 3) {
    let word = 0;
    for (let index = at; index < at + 4; index += 1) {
      const isPadding = index >= text.length - padding;
      const value = isPadding ? 0 : (values[text.charCodeAt(index)] ?? 255);
      if (value === 255) return undefined;
      word = word * 64 + value;
    }
    out[to] = Math.floor(word / 65_536);
    out[to + 1] = Math.floor(word / 256) % 256;
    out[to + 2] = word % 256;
  }
  const bytes = out.subarray(0, out.length - padding);
  return encodeBase64(bytes) === text ? bytes : undefined;
}
