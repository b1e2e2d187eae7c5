import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareClaim, sniff } from '../../src/media/sniff.ts';

const latin = (text: string) => Buffer.from(text, 'latin1');
const office = (entry: string) =>
  latin(`PK\x03\x04${' '.repeat(26)}[Content_Types].xml${' '.repeat(40)}${entry}`);
const transport = (length: number, start: number) => {
  const bytes = Buffer.alloc(length * 6);
  for (let at = start; at < bytes.length; at += length) bytes[at] = 0x47;
  return bytes;
};

test.each([
  ['image/jpeg', latin('\xff\xd8\xff\xe0rest')],
  ['image/png', latin('\x89PNG\r\n\x1a\nrest')],
  ['image/webp', latin('RIFF\x00\x00\x00\x00WEBPVP8 ')],
  ['audio/wav', latin('RIFF\x00\x00\x00\x00WAVEfmt ')],
  ['video/x-msvideo', latin('RIFF\x00\x00\x00\x00AVI LIST')],
  ['video/mp4', latin('\x00\x00\x00\x18ftypisom')],
  ['audio/mp4', latin('\x00\x00\x00\x18ftypM4A ')],
  ['video/webm', latin('\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm')],
  ['video/x-matroska', latin('\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska')],
  ['audio/mpeg', latin('ID3\x04\x00')],
  ['audio/mpeg', latin('\xff\xfb\x90\x00')],
  ['audio/aac', latin('\xff\xf1\x50\x80')],
  ['audio/ogg', latin(`OggS${'\0'.repeat(24)}\x01vorbis`)],
  ['video/mp2t', transport(188, 0)],
  ['video/mp2t', transport(192, 4)],
  ['video/mpeg', latin('\x00\x00\x01\xba\x44')],
  ['application/pdf', latin('%PDF-1.7\n')],
  ['application/zip', latin(`PK\x03\x04${' '.repeat(26)}photo.jpg`)],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', office('word/document.xml')],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', office('xl/workbook.xml')],
  [
    'application/vnd.oasis.opendocument.text',
    latin(`PK\x03\x04${' '.repeat(26)}mimetypeapplication/vnd.oasis.opendocument.textPK`),
  ],
  ['text/plain', Buffer.from('编号,标题\n1,会议\n')],
  ['application/octet-stream', latin('\x00\x01\x02\x03')],
  ['application/octet-stream', latin('')],
])('K5: the first bytes show %s', (type, bytes) => {
  expect(sniff(bytes)).toBe(type);
});

test('K5: text stays text when the last character is cut by the limit', () => {
  expect(sniff(Buffer.from(`a${'监'.repeat(2_000)}`))).toBe('text/plain');
});

test('P24: any bytes have a type in the form that the manifest takes', () => {
  const marks = fc.constantFrom(
    'RIFF',
    'PK\x03\x04',
    '\x1a\x45\xdf\xa3',
    'OggS',
    '\x00\x00\x00\x18ftyp',
    '\xff',
    '',
  );
  fc.assert(
    fc.property(marks, fc.uint8Array({ maxLength: 6_000 }), (mark, rest) => {
      const type = sniff(Buffer.concat([latin(mark), rest]));
      expect(type).toMatch(/^[a-z0-9][a-z0-9.+-]{0,63}\/[a-z0-9][a-z0-9.+-]{0,127}$/);
    }),
  );
});

test.each([
  ['video/mp4', 'video/mp4', 'agrees'],
  ['audio/mp4', 'video/mp4', 'agrees'],
  ['Besprechung.MP4', 'video/mp4', 'agrees'],
  ['video/mp4; codecs="avc1"', 'video/mp4', 'agrees'],
  ['minutes.csv', 'text/plain', 'agrees'],
  ['text/markdown', 'text/plain', 'agrees'],
  ['film.mp4', 'text/plain', 'differs'],
  ['image/png', 'application/pdf', 'differs'],
  ['report.pdf', 'application/zip', 'differs'],
  ['film.mp4', 'application/octet-stream', 'unknown'],
  ['', 'video/mp4', 'unknown'],
  ['noextension', 'video/mp4', 'unknown'],
  ['application/octet-stream', 'video/mp4', 'unknown'],
])('S10: who claims "%s" of %s %s', (claimed, found, finding) => {
  expect(compareClaim(claimed, found)).toBe(finding);
});
