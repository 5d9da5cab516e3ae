import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { createInterface } from 'node:readline';

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it came, not parsed: amounts beyond 2^53 and the exact text matter here. */
  readonly body: string;
}

/** One exchange without any time limit of its own; the tests bring theirs. */
export function exchange(url: string, options: RequestOptions, body?: string): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, ...options }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** An answer that comes line by line and may stay open. */
export interface LineStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The next line without its end; `undefined` when the answer has ended. */
  nextLine(): Promise<string | undefined>;
  /** Leaves, whatever is still to come. */
  close(): void;
}

/** Resolves with the headers, which lnd sends together with the first line. */
export function openStream(url: string, options: RequestOptions, body?: string): Promise<LineStream> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, ...options }, (answer) => resolve(readLines(answer)));
    sent.once('error', reject);
    sent.end(body);
  });
}

function readLines(answer: IncomingMessage): LineStream {
  const lines = createInterface({ input: answer })[Symbol.asyncIterator]();
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    nextLine: async () => {
      const { done, value } = await lines.next();
      return done === true ? undefined : value;
    },
    close: () => answer.destroy(),
  };
}
