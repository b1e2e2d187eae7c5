/**
 * Several spans in one answer (RFC 9110 section 14.6): `multipart/byteranges` under a random boundary. The length is known
 * before the first byte. Clear bytes come from the viewing's own streams, one span after another, never two at once.
 */
import { randomBytes } from 'node:crypto';
import { contentRange, type Span } from './range.ts';

export interface ByteRanges {
  /** Value of `Content-Type`. */
  readonly contentType: string;
  /** Value of `Content-Length`. */
  readonly length: number;
  /** The body; `open` gives the clear bytes of one span. */
  body(open: (span: Span) => ReadableStream<Uint8Array>): ReadableStream<Uint8Array>;
}

/** The answer for two to ten spans of an object of `size` bytes and the type that was found in it. */
export function byteRanges(spans: readonly Span[], size: number, mediaType: string): ByteRanges {
  const boundary = randomBytes(18).toString('hex');
  const heads = spans.map((span, index) =>
    Buffer.from(
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Type: ${mediaType}\r\n` +
        `Content-Range: ${contentRange(size, span)}\r\n\r\n`,
    ),
  );
  const end = Buffer.from(`\r\n--${boundary}--\r\n`);
  const framing = heads.reduce((sum, head) => sum + head.length, end.length);
  return {
    contentType: `multipart/byteranges; boundary=${boundary}`,
    length: spans.reduce((sum, { from, to }) => sum + to - from, framing),
    body: (open) => bodyOf(spans, heads, end, open),
  };
}

function bodyOf(
  spans: readonly Span[],
  heads: readonly Buffer[],
  end: Buffer,
  open: (span: Span) => ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  let index = 0;
  let current: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return new ReadableStream(
    {
      async pull(controller) {
        if (current) {
          const { done, value } = await current.read();
          if (!done) return controller.enqueue(value);
          current = undefined;
          index += 1;
        }
        const span = spans[index];
        const head = heads[index];
        if (!span || !head) {
          controller.enqueue(new Uint8Array(end));
          return controller.close();
        }
        current = open(span).getReader();
        controller.enqueue(new Uint8Array(head));
      },
      async cancel(reason) {
        await current?.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
