/**
 * How stored bytes are named and shown (reliability section 4, X47, X48): the one place that makes a
 * Content-Disposition. A name that a person typed never reaches a header as it is.
 */

/** Types that may be shown in place, as found in the bytes. All others are only handed out to be kept. */
const INLINE = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'video/mp4',
  'video/webm',
  'audio/mpeg',
  'audio/mp4',
  'audio/wav',
]);

/** True for a type that may be shown in place. */
export function mayShowInline(foundType: string): boolean {
  return INLINE.has(foundType);
}

/** The longest name, bytes of UTF-8. */
const NAME_MOST = 200;
/** An ending is kept up to this length when a name is cut, bytes of UTF-8. */
const ENDING_MOST = 16;

/** Format and control characters, bidi and zero-width marks, line and paragraph separators, lone surrogates, private use. */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/gu;
const UNSAFE = /["'`\\/:*?<>|%;=]/g;
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;

/**
 * The value of `Content-Disposition` (RFC 6266), with an ASCII name and the whole one by RFC 8187. Total: any string gives
 * a header of printable ASCII.
 */
export function contentDisposition(how: 'attachment' | 'inline', name: string): string {
  const safe = safeName(name);
  const ascii = asciiOf(safe);
  return `${how}; filename="${ascii}"; filename*=UTF-8''${extValue(safe)}`;
}

/** The name with everything replaced that a header, a shell or a file system could take for something else. */
export function safeName(name: string): string {
  const plain = name
    .normalize('NFC')
    .replace(UNSEEN, '_')
    .replace(UNSAFE, '_')
    .replace(/\s+/gu, ' ')
    .replace(/\.{2,}/g, '_')
    .trim()
    .replace(/^\.+/, '_');
  const cut = cutTo(plain, NAME_MOST - 1).replace(/[. ]+$/, '');
  if (cut === '') return 'file';
  return RESERVED.test(cut) ? `_${cut}` : cut;
}

function cutTo(name: string, most: number): string {
  if (Buffer.byteLength(name) <= most) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 ? name.slice(dot) : '';
  const kept = Buffer.byteLength(ending) <= ENDING_MOST ? ending : '';
  let room = most - Buffer.byteLength(kept);
  let front = '';
  for (const character of name) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    front += character;
  }
  return front.trimEnd() + kept;
}

function asciiOf(name: string): string {
  const ascii = name
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]+/g, '_')
    .replace(UNSAFE, '_');
  return /[A-Za-z0-9]/.test(ascii.replace(/\.[^.]*$/, ''))
    ? ascii
    : `file${/\.[A-Za-z0-9]+$/.exec(ascii)?.[0] ?? ''}`;
}

/** RFC 8187 3.2.1: everything but attr-char is percent-encoded. */
function extValue(name: string): string {
  return encodeURIComponent(name).replace(
    /[*'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
