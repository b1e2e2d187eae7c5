/** Base64 of RFC 4648 §4, read strictly: what Node decodes leniently is refused by encoding it again. */
import { LogError } from './log-error.ts';

/** The bytes of `text`. Throws `LogError` unless it is padded, standard base64 with zero trailing bits and nothing else. */
export function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new LogError('note', 'The base64 is malformed.');
  return bytes;
}
