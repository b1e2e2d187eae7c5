/** What a typed name becomes in a header (X47, X48). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentDisposition, mayShowInline, safeName } from '../../src/api/disposition.ts';

test.each([
  ['report.pdf', 'report.pdf'],
  ['a\r\nSet-Cookie: x', 'a__Set-Cookie_ x'],
  ['a"b\'c\\d', 'a_b_c_d'],
  ['../../etc/passwd', '____etc_passwd'],
  ['..', '_'],
  ['.', '_'],
  ['.htaccess', '_htaccess'],
  ['CON', '_CON'],
  ['con.txt', '_con.txt'],
  ['lpt1.tar.gz', '_lpt1.tar.gz'],
  ['console.txt', 'console.txt'],
  ['x\u202egpj.exe', 'x_gpj.exe'],
  ['a\u200bb\ufeffc', 'a_b_c'],
  ['a\u2028b', 'a_b'],
  ['a\ud800b', 'a_b'],
  ['', 'file'],
  ['   ', 'file'],
  ['name. . .', 'name'],
  ['监控 录像.mp4', '监控 录像.mp4'],
])('X48: %j is handed out as %j', (name, safe) => {
  expect(safeName(name)).toBe(safe);
});

test('X48: a long name is cut between characters and keeps its ending', () => {
  const name = safeName(`${'录'.repeat(300)}.mp4`);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
  expect(name).toMatch(/^录+\.mp4$/);
});

test('RFC 8187: both spellings stand in one header', () => {
  expect(contentDisposition('attachment', "naïve (1)'s 录.mp4")).toBe(
    `attachment; filename="nai_ve (1)_s _.mp4"; filename*=UTF-8''na%C3%AFve%20%281%29_s%20%E5%BD%95.mp4`,
  );
  expect(contentDisposition('inline', '录像.mp4')).toContain('filename="file.mp4"');
});

test('X48, P24: any string makes a header that Node sends, decodes to a safe name of at most 200 bytes, and is stable', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const header = contentDisposition('attachment', name);
      expect(header).toMatch(
        /^attachment; filename="[ !#-$&-[\]-~]+"; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]+$/,
      );
      const decoded = decodeURIComponent(header.split("UTF-8''")[1] ?? '');
      expect(decoded).toBe(safeName(name));
      expect(Buffer.byteLength(decoded)).toBeLessThanOrEqual(200);
      expect(safeName(decoded)).toBe(decoded);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  'text/html',
  'image/svg+xml',
  'application/xml',
  'application/pdf',
  'text/javascript',
  'multipart/related',
])('X47: %s is never shown in place', (type) => expect(mayShowInline(type)).toBe(false));
