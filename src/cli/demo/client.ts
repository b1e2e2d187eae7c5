/** A person at the other end of the wire: speaks the HTTP API as any program would, with a cookie and an Origin. */
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** The service said no, or something that was not expected; the text names route, status and code, no words of people. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the API, read by its documented members
  readonly json: any;
}

export class Client {
  readonly url: string;
  cookie = '';

  constructor(url: string) {
    this.url = url;
  }

  /** Headers that make a request ours: the session and the origin. */
  headers(more: Record<string, string> = {}): Record<string, string> {
    return { origin: this.url, ...(this.cookie ? { cookie: this.cookie } : {}), ...more };
  }

  /** Sends a request and gives the response while its body is still coming. */
  open(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string | Uint8Array,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const sent = request(new URL(path, this.url), {
        method,
        agent: false,
        headers: { ...this.headers(headers), ...length },
      });
      sent.once('response', resolve);
      sent.once('error', reject);
      sent.end(body);
    });
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const json = body === undefined ? undefined : JSON.stringify(body);
    const type = json === undefined ? {} : { 'content-type': 'application/json' };
    const response = await this.open(method, path, { ...type, ...headers }, json);
    const words = await text(response);
    const [cookie] = response.headers['set-cookie'] ?? [];
    if (cookie) this.cookie = cookie.split(';', 1)[0] ?? '';
    const isJson = /json/.test(response.headers['content-type'] ?? '');
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      json: isJson && words ? JSON.parse(words) : null,
    };
  }

  /** The JSON of a request that must succeed. */
  async must(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await this.ask(method, path, body, headers);
    if (answer.status >= 200 && answer.status < 300) return answer.json;
    const route = path.replaceAll(/[0-9a-f-]{36}/g, '…');
    throw new Unexpected(
      `${method} ${route}: ${answer.status} ${answer.json?.code ?? ''} ${JSON.stringify(answer.json?.errors ?? [])}`,
    );
  }

  async signIn(name: string, password: string): Promise<void> {
    await this.must('POST', '/api/v1/sessions', { name, password });
  }

  /** Signs the agreement in force. */
  async bind(password: string): Promise<void> {
    const { version, textHash } = await this.must('GET', '/api/v1/agreement');
    await this.must('POST', '/api/v1/agreement/signatures', { version, textHash, password });
  }

  async stepUp(act: string, termsHash: string, password: string): Promise<void> {
    await this.must('POST', '/api/v1/step-ups', { act, termsHash, password });
  }
}
