/** Media types as claimed and as found (S10, reliability.md 4): what the bytes say counts, the claim is only compared. */

const shape = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/;
/** Pairs of names for the same format. */
const aliases: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'video/x-m4v': 'video/mp4',
  'audio/x-wav': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/mp3': 'audio/mpeg',
  'audio/x-m4a': 'audio/mp4',
  'application/x-pdf': 'application/pdf',
  'video/avi': 'video/x-msvideo',
  'text/xml': 'application/xml',
};

/** Lower case, without parameters, one name a format; '' where the text is no media type. */
export function plainMediaType(text: string): string {
  const type = text.replace(/;.*$/su, '').trim().toLowerCase();
  return shape.test(type) ? (aliases[type] ?? type) : '';
}

/** False only if a definite claim differs from what was found: nothing claimed is no lie. */
export function typeIsAsClaimed(claimed: string, found: string): boolean {
  const claim = plainMediaType(claimed);
  if (claim === '' || claim === 'application/octet-stream') return true;
  return claim === plainMediaType(found);
}
