/** RFC 9110 section 14 as the table of reliability section 4 has it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteRanges } from '../../src/api/byteranges.ts';
import { conditionOf, rangeApplies } from '../../src/api/conditions.ts';
import { chooseRange, contentRange } from '../../src/api/range.ts';
import { gathered } from './parts.ts';

const LEN = 1000;
const digits = (count: number) => '9'.repeat(count);
const one = (from: number, to: number, endRelative = false) => ({
  send: 'spans',
  spans: [{ from, to }],
  endRelative,
});

describe('Range', () => {
  test.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes = 0-1',
    'bytes=5-2',
    'bytes=+1-2',
    'bytes=-+1',
    'bytes=--1',
    'bytes=0x0-0x1',
    'bytes=\uff10-\uff11',
    'items=0-1',
    'bytes=0-1;2-3',
    'bytes=1',
    'bytes= 0-1',
    'bytes=0-1 ',
    'bytes=,',
    'bytes=0-1,x',
    'bytes=0-1,5-2',
    `bytes=${digits(300)}-${digits(299)}`,
    `bytes=0-1${' '.repeat(600)},2-3`,
    `bytes=${Array.from({ length: 11 }, (_, i) => `${i * 10}-${i * 10}`).join(',')}`,
    'bytes=0-1 2-3',
    'bytes=0 - 1',
  ])('is ignored, and the whole sent: %j', (header) => {
    expect(chooseRange('GET', header, LEN)).toEqual({ send: 'whole' });
  });

  test.each(['HEAD', 'POST', 'PUT', 'get'])('is ignored for %s', (method) => {
    expect(chooseRange(method, 'bytes=0-1', LEN)).toEqual({ send: 'whole' });
  });

  test.each([
    ['bytes=0-0', one(0, 1)],
    ['bytes=0-499', one(0, 500)],
    ['bytes=500-', one(500, LEN)],
    ['bytes=-1', one(LEN - 1, LEN, true)],
    ['BYTES=0-1', one(0, 2)],
    ['bYtEs=0-1', one(0, 2)],
    ['bytes=0-1 ,\t1-2', one(0, 3)],
    ['bytes=,0-1,,', one(0, 2)],
    ['bytes=000000000000000000000000-01', one(0, 2)],
    [`bytes=999-${digits(400)}`, one(999, LEN)],
    ['bytes=1-9007199254740993', one(1, LEN)],
    ['bytes=1-18446744073709551616', one(1, LEN)],
    [`bytes=-${digits(400)}`, one(0, LEN, true)],
    ['bytes=-1000', one(0, LEN, true)],
    ['bytes=0-9,10-19', one(0, 20)],
    ['bytes=10-19,0-14', one(0, 20)],
    ['bytes=0-9,2000-', one(0, 10)],
    ['bytes=0-9,-0', one(0, 10)],
    [
      'bytes=20-29,0-9',
      {
        send: 'spans',
        spans: [
          { from: 0, to: 10 },
          { from: 20, to: 30 },
        ],
        endRelative: false,
      },
    ],
  ])('%j selects, clamps and merges without rounding', (header, choice) => {
    expect(chooseRange('GET', header, LEN)).toEqual(choice);
  });

  test.each(['bytes=1000-', `bytes=${digits(400)}-`, 'bytes=-0', 'bytes=1000-1001,-0'])(
    '%j selects nothing: 416',
    (header) => {
      expect(chooseRange('GET', header, LEN)).toEqual({ send: 'nothing' });
      expect(contentRange(LEN)).toBe('bytes */1000');
    },
  );

  test.each(['bytes=0-', 'bytes=-1', 'bytes=0-0'])('%j of an empty object selects nothing', (header) => {
    expect(chooseRange('GET', header, 0)).toEqual({ send: 'nothing' });
  });

  test('with a NUL is malformed', () => {
    expect(chooseRange('GET', 'bytes=0-\0', LEN)).toEqual({ send: 'malformed' });
  });

  test('P24: is a total function, and what it selects lies inside, in order and apart', () => {
    const text = fc.oneof(fc.string({ maxLength: 80 }), fc.stringMatching(/^bytes=[-0-9, \t]{0,60}$/));
    fc.assert(
      fc.property(text, fc.nat(5000), (header, size) => {
        const choice = chooseRange('GET', header, size);
        if (choice.send !== 'spans') return;
        let before = -1;
        for (const { from, to } of choice.spans) {
          expect(from).toBeGreaterThan(before);
          expect(to).toBeGreaterThan(from);
          expect(to).toBeLessThanOrEqual(size);
          before = to;
        }
      }),
      { numRuns: 10_000 },
    );
  });

  test('any list of ranges selects exactly the bytes that Buffer.subarray would', () => {
    const spec = fc.oneof(
      fc.tuple(fc.nat(1200), fc.nat(1200)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      fc.nat(1200).map((from) => `${from}-`),
      fc.nat(1200).map((last) => `-${last}`),
    );
    fc.assert(
      fc.property(fc.array(spec, { minLength: 1, maxLength: 10 }), (specs) => {
        const wanted = new Set<number>();
        const bytes = Buffer.from(Array.from({ length: LEN }, (_, i) => i % 256));
        for (const each of specs) {
          const [first = '', last = ''] = each.split('-');
          const from = first === '' ? Math.max(0, LEN - Number(last)) : Number(first);
          const to = first === '' || last === '' ? LEN : Math.min(LEN, Number(last) + 1);
          for (let at = from; at < to; at += 1) wanted.add(at);
        }
        const choice = chooseRange('GET', `bytes=${specs.join(', ')}`, LEN);
        const spans = choice.send === 'spans' ? choice.spans : [];
        const got = spans.flatMap(({ from, to }) => [...bytes.subarray(from, to)]);
        expect(got).toEqual([...wanted].sort((a, b) => a - b).map((at) => bytes[at]));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('Several ranges', () => {
  test('are one multipart answer of the announced length, never more than the whole and 10 KiB', async () => {
    const bytes = Buffer.from('0123456789abcdefghij');
    const choice = chooseRange('GET', 'bytes=0-1,5-6,-2', bytes.length);
    if (choice.send !== 'spans') throw new Error('expected spans');
    const answer = byteRanges(choice.spans, bytes.length, 'video/mp4');
    const body = await gathered(
      answer.body(({ from, to }) => ReadableStream.from([new Uint8Array(bytes.subarray(from, to))])),
    );
    const boundary = answer.contentType.split('boundary=')[1];
    expect(body.length).toBe(answer.length);
    expect(body.length).toBeLessThan(bytes.length + 10_240);
    expect(body.toString()).toBe(
      ['0-1/20\r\n\r\n01', '5-6/20\r\n\r\n56', '18-19/20\r\n\r\nij']
        .map((part) => `--${boundary}\r\nContent-Type: video/mp4\r\nContent-Range: bytes ${part}\r\n`)
        .join('')
        .concat(`--${boundary}--\r\n`),
    );
  });

  test('stop the stream of the span at hand when the client leaves', async () => {
    let cancelled = false;
    const answer = byteRanges(
      [
        { from: 0, to: 1 },
        { from: 5, to: 6 },
      ],
      20,
      'video/mp4',
    );
    const reader = answer
      .body(
        () =>
          new ReadableStream({
            cancel: () => {
              cancelled = true;
            },
          }),
      )
      .getReader();
    await reader.read();
    await reader.cancel();
    expect(cancelled).toBe(true);
  });

  test('a broken span breaks the answer', async () => {
    const answer = byteRanges(
      [
        { from: 0, to: 1 },
        { from: 5, to: 6 },
      ],
      20,
      'video/mp4',
    );
    const broken = () =>
      new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('cut')) });
    await expect(gathered(answer.body(broken))).rejects.toThrow('cut');
  });
});

describe('Conditions', () => {
  const etag = '"one"';
  test.each([
    ['GET', { ifMatch: '"one"' }, 'go'],
    ['GET', { ifMatch: '"two", "one"' }, 'go'],
    ['GET', { ifMatch: '*' }, 'go'],
    ['GET', { ifMatch: 'W/"one"' }, 412],
    ['GET', { ifMatch: '"two"' }, 412],
    ['GET', { ifMatch: 'one' }, 412],
    ['GET', { ifNoneMatch: '"one"' }, 304],
    ['HEAD', { ifNoneMatch: 'W/"one"' }, 304],
    ['GET', { ifNoneMatch: '*' }, 304],
    ['DELETE', { ifNoneMatch: '"one"' }, 412],
    ['GET', { ifNoneMatch: '"two"' }, 'go'],
    ['GET', { ifMatch: '"two"', ifNoneMatch: '"one"' }, 412],
    ['GET', {}, 'go'],
  ] as const)('%s with %j is answered %s before any range', (method, headers, outcome) => {
    expect(conditionOf(method, etag, headers)).toBe(outcome);
  });

  test('If-Range lets the range stand for our strong tag only', () => {
    expect(rangeApplies(etag, { ifRange: '"one"' })).toBe(true);
    expect(rangeApplies(etag, {})).toBe(true);
    for (const ifRange of ['W/"one"', '"two"', 'Sat, 29 Oct 1994 19:43:31 GMT', '', '*']) {
      expect(rangeApplies(etag, { ifRange })).toBe(false);
    }
  });
});
