/** What people put in, given out again (reliability.md 2 and 4: X47, X48, X50, X53). */
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { sharedHttpWorld } from '../world-http.ts';

const held = sharedHttpWorld();

async function watched(bytes: Uint8Array, wish: Record<string, unknown>) {
  const { world } = held;
  const { custodian, requester, approver } = world.people.own;
  const item = await world.takeIn(custodian, bytes, { kind: 'document', ...wish });
  const { grant } = await world.grantOn(requester, approver, item);
  const opened = await requester.client.ask('POST', `/api/v1/grants/${grant}/viewings`, { item });
  const content = opened.json?.content ?? '';
  const response = content ? await requester.client.open('GET', content) : undefined;
  return { item, content, response, body: response ? await buffer(response) : Buffer.alloc(0) };
}

const page = '<!doctype html><script>alert(document.cookie)</script>';
const hostile: Readonly<Record<string, string>> = {
  html: page,
  svg: '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
  xml: '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
  pdf: '%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF',
  script: '#!/bin/sh\nrm -rf /\n',
  mhtml:
    'MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html\n\n<script>1</script>\n--x--',
  'gif and script': 'GIF89a/*<script>alert(1)</script>*/=1;',
};

describe('X47: nothing that was put in may act', () => {
  test.each(Object.entries(hostile))('%s', async (_name, text) => {
    const { response, body } = await watched(Buffer.from(text), { claimedType: 'text/html' });
    const type = response?.headers['content-type'] ?? '';
    if (response?.statusCode === 200) {
      expect(type).toBe('text/plain; charset=utf-8');
      expect(response.headers['content-security-policy']).toBe(
        "default-src 'none'; frame-ancestors 'none'; sandbox",
      );
      expect(response.headers['x-content-type-options']).toBe('nosniff');
      expect(body.toString()).toBe(text);
    } else {
      expect(response?.statusCode).toBe(409);
      expect(body.toString()).not.toContain(text.slice(0, 20));
    }
  });

  test('R42: bytes of a viewing go to a player and no page: another destination is refused', async () => {
    const { content } = await watched(Buffer.from('plain words'), {});
    const { client } = held.world.people.own.requester;
    for (const destination of ['document', 'iframe', 'script', 'style', 'object', 'embed', 'worker'])
      expect((await client.ask('GET', content, undefined, { 'sec-fetch-dest': destination })).status).toBe(
        403,
      );
    expect((await client.ask('GET', content, undefined, { 'sec-fetch-dest': 'video' })).status).toBe(200);
  });

  test('X53: clear bytes are kept by nobody on the way', async () => {
    const { response } = await watched(Buffer.from('kept by nobody'), {});
    expect(response?.headers).toMatchObject({
      'cache-control': 'private, no-store',
      'x-accel-buffering': 'no',
    });
    expect(response?.headers['content-disposition']).not.toMatch(/filename/);
  });
});

const names: Readonly<Record<string, string>> = {
  quote: 'a"b\'c',
  'non-Latin': '东门路口 夜间 录像',
  '300 characters': '长'.repeat(300),
  bidi: 'invoice\u202Efdp.exe',
  'zero width': 'a\u200Bb\u200Dc\uFEFFd',
  'dot dot': '../../etc/passwd',
  CON: 'CON.txt',
  markup: '<img src=x onerror=alert(1)>',
  percent: '%0d%0aSet-Cookie: x=1',
};

describe('X48: names', () => {
  test.each(Object.entries(names))(
    '%s is kept or refused as a word, and never becomes a header',
    async (_name, title) => {
      const { custodian, requester } = held.world.people.own;
      const begun = await custodian.client.ask('POST', '/api/v1/intakes', {
        centre: held.world.centres.own,
        kind: 'document',
        class: 'ordinary',
        title,
        source: title,
        place: title,
        size: 3,
      });
      expect([201, 400]).toContain(begun.status);
      if (begun.status !== 201) return;
      await custodian.client.must('DELETE', begun.json.upload, undefined, { 'tus-resumable': '1.0.0' });
      const { item, response } = await watched(Buffer.from(`words of ${title}`), { title });
      expect(response?.statusCode).toBe(200);
      expect(JSON.stringify(response?.headers)).not.toMatch(/passwd|Set-Cookie|onerror/);
      const shown = await requester.client.ask('GET', `/api/v1/items/${item}`);
      expect(shown.json.title).toBe(title.normalize('NFC').trim());
      expect(shown.headers['content-type']).toMatch(/^application\/json/);
    },
  );

  test.each([
    ['carriage return', 'a\rb'],
    ['NUL', 'a\0b'],
    ['escape', 'a\u001b[31m'],
    ['nothing', '   '],
    ['301 characters', 'x'.repeat(301)],
  ])('%s in a name: 400', async (_name, title) => {
    const { custodian } = held.world.people.own;
    const begun = await custodian.client.ask('POST', '/api/v1/intakes', {
      centre: held.world.centres.own,
      kind: 'document',
      class: 'ordinary',
      title,
      source: 's',
      place: 'p',
      size: 3,
    });
    expect(begun.status).toBe(400);
  });
});
