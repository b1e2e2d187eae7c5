/**
 * The media type that the first bytes show, whatever a name or a sender claims (K5, K7). Reads at most
 * {@link SNIFF_BYTES}; a total function of any bytes; never guesses beyond what a signature proves.
 */

/** How much of the beginning is worth giving. */
export const SNIFF_BYTES = 4096;
export const UNKNOWN_TYPE = 'application/octet-stream';

interface Signature {
  readonly type: string;
  readonly at?: number;
  readonly bytes: string;
}

const SIGNATURES: readonly Signature[] = [
  { type: 'image/jpeg', bytes: '\xff\xd8\xff' },
  { type: 'image/png', bytes: '\x89PNG\r\n\x1a\n' },
  { type: 'application/pdf', bytes: '%PDF-' },
  { type: 'audio/mpeg', bytes: 'ID3' },
  { type: 'video/x-flv', bytes: 'FLV\x01' },
  { type: 'video/mpeg', bytes: '\x00\x00\x01\xba' },
  { type: 'application/vnd.ms-office', bytes: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' },
];

/** The media type of what begins so; {@link UNKNOWN_TYPE} where nothing is proven. */
export function sniff(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, SNIFF_BYTES)).toString(
    'latin1',
  );
  const plain = SIGNATURES.find(({ bytes: mark, at = 0 }) => head.startsWith(mark, at));
  return (
    plain?.type ??
    riffType(head) ??
    boxType(head) ??
    ebmlType(head) ??
    oggType(head) ??
    zipType(head) ??
    transportType(head) ??
    audioFrameType(head) ??
    textType(bytes.subarray(0, SNIFF_BYTES)) ??
    UNKNOWN_TYPE
  );
}

function riffType(head: string): string | undefined {
  if (!head.startsWith('RIFF')) return undefined;
  const types: Record<string, string> = { WEBP: 'image/webp', WAVE: 'audio/wav', 'AVI ': 'video/x-msvideo' };
  return types[head.slice(8, 12)];
}

/** ISO base media (ISO/IEC 14496-12): the first box is `ftyp`; its brand tells sound, stills and QuickTime apart. */
function boxType(head: string): string | undefined {
  if (head.slice(4, 8) !== 'ftyp') return undefined;
  const brand = head.slice(8, 12);
  if (brand === 'M4A ' || brand === 'M4B ') return 'audio/mp4';
  if (brand === 'qt  ') return 'video/quicktime';
  if (/^(heic|heix|mif1|msf1)$/.test(brand)) return 'image/heic';
  if (brand === 'avif') return 'image/avif';
  return brand.startsWith('3g') ? 'video/3gpp' : 'video/mp4';
}

function ebmlType(head: string): string | undefined {
  if (!head.startsWith('\x1a\x45\xdf\xa3')) return undefined;
  const document = head.slice(0, 128);
  if (document.includes('\x42\x82') && document.includes('webm')) return 'video/webm';
  return document.includes('matroska') ? 'video/x-matroska' : undefined;
}

function oggType(head: string): string | undefined {
  if (!head.startsWith('OggS')) return undefined;
  return head.slice(0, 256).includes('theora') ? 'video/ogg' : 'audio/ogg';
}

/** Office documents are zip archives whose first entry names them. */
function zipType(head: string): string | undefined {
  if (!head.startsWith('PK\x03\x04')) return undefined;
  const office = 'application/vnd.openxmlformats-officedocument';
  if (head.startsWith('mimetypeapplication/vnd.oasis.opendocument.', 30)) {
    return /application\/vnd\.oasis\.opendocument\.[a-z]+/.exec(head)?.[0];
  }
  if (!head.startsWith('[Content_Types].xml', 30) && !head.startsWith('_rels/', 30)) return 'application/zip';
  if (head.includes('word/')) return `${office}.wordprocessingml.document`;
  if (head.includes('xl/')) return `${office}.spreadsheetml.sheet`;
  if (head.includes('ppt/')) return `${office}.presentationml.presentation`;
  return 'application/zip';
}

/** MPEG transport stream (ISO/IEC 13818-1): a sync byte at every 188th place; 192 with the time stamps of recorders. */
function transportType(head: string): string | undefined {
  for (const [length, start] of [
    [188, 0],
    [192, 4],
  ] as const) {
    const places = [0, 1, 2, 3, 4].map((packet) => start + packet * length);
    if (head.length > 5 * length && places.every((place) => head[place] === 'G')) return 'video/mp2t';
  }
  return undefined;
}

/** An MPEG audio frame (layers I to III) without a tag, or AAC in ADTS. */
function audioFrameType(head: string): string | undefined {
  const [first = 0, second = 0, third = 0] = [0, 1, 2].map((at) => head.charCodeAt(at));
  if (first !== 0xff) return undefined;
  if ((second & 0xf6) === 0xf0) return 'audio/aac';
  const layer = (second >> 1) & 3;
  const sane = (second & 0xe0) === 0xe0 && ((second >> 3) & 3) !== 1 && layer !== 0;
  return sane && third >> 4 !== 15 && ((third >> 2) & 3) !== 3 ? 'audio/mpeg' : undefined;
}

function textType(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength === 0) return undefined;
  let text: string;
  try {
    // `stream`: the last character may be cut in two.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (code < 32 && code !== 9 && code !== 10 && code !== 12 && code !== 13) return undefined;
  }
  return 'text/plain';
}

/** What extensions and older names of types stand for. */
const SAME: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/x-matroska',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  pdf: 'application/pdf',
  ogg: 'audio/ogg',
  ogv: 'video/ogg',
  ts: 'video/mp2t',
  m2ts: 'video/mp2t',
  mpg: 'video/mpeg',
  mpeg: 'video/mpeg',
  avi: 'video/x-msvideo',
  txt: 'text/plain',
  csv: 'text/plain',
  zip: 'application/zip',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/mp3': 'audio/mpeg',
  'video/avi': 'video/x-msvideo',
  'video/msvideo': 'video/x-msvideo',
  'image/jpg': 'image/jpeg',
  'video/matroska': 'video/x-matroska',
  'text/csv': 'text/plain',
};

/** `unknown`: the claim says nothing, or the bytes show nothing. */
export type ClaimFinding = 'agrees' | 'differs' | 'unknown';

/** Whether a media type or file name that someone claims is what the bytes show (S10: a file that lies is said so). */
export function compareClaim(claimed: string, found: string): ClaimFinding {
  const word = claimed.trim().toLowerCase().split(';')[0] ?? '';
  const extension = /\.([a-z0-9]{1,5})$/.exec(word)?.[1];
  const type = SAME[word] ?? (/^[a-z]+\/[a-z0-9.+-]+$/.test(word) ? word : SAME[extension ?? '']);
  if (type === undefined || type === UNKNOWN_TYPE || found === UNKNOWN_TYPE) return 'unknown';
  if (type === found || alike(type) === alike(found)) return 'agrees';
  return type.startsWith('text/') && found === 'text/plain' ? 'agrees' : 'differs';
}

/** Containers that hold sound or pictures under either name. */
function alike(type: string): string {
  if (/^(video|audio)\/(mp4|quicktime|3gpp|x-m4[av])$/.test(type)) return 'mp4';
  if (/^(video|audio)\/(webm|x-matroska)$/.test(type)) return 'matroska';
  return type.replace(/^(video|audio)\/ogg$/, 'ogg');
}
