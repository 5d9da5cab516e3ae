import type { FetchLike } from '@modelcontextprotocol/client';
import type { Egress, ExchangeResponse } from '@satway/egress';

/** A stream of a server's own messages stays open; an answer to a request does not take this long. */
const STREAM_DEADLINE_MS = 3_600_000;
const REQUEST_DEADLINE_MS = 180_000;
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** A `fetch` for the MCP library that goes out by the one door. The host was named by whoever runs this process; redirects are not followed. */
export function fetchThrough(egress: Pick<Egress, 'exchange'>): FetchLike {
  return async (input, init = {}) => {
    const { method = 'GET', headers, body, signal } = init;
    const answer = await egress.exchange({
      method,
      url: String(input),
      headers: [...new Headers(headers)],
      deadlineMs: method === 'GET' ? STREAM_DEADLINE_MS : REQUEST_DEADLINE_MS,
      maxBodyBytes: MAX_BODY_BYTES,
      reach: 'configured',
      ...(typeof body === 'string' ? { body } : {}),
      ...(signal ? { signal } : {}),
    });
    return responseOf(answer);
  };
}

function responseOf(answer: ExchangeResponse): Response {
  const headers = new Headers();
  for (let index = 0; index + 1 < answer.rawHeaders.length; index += 2) {
    headers.append(answer.rawHeaders[index] ?? '', answer.rawHeaders[index + 1] ?? '');
  }
  // The body comes decoded.
  headers.delete('content-encoding');
  headers.delete('content-length');
  const hasBody = !WITHOUT_BODY.has(answer.status);
  if (!hasBody) answer.discard();
  return new Response(hasBody ? streamOf(answer) : null, { status: answer.status, headers });
}

function streamOf(answer: ExchangeResponse): ReadableStream<Uint8Array> {
  const chunks = answer.body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(Uint8Array.from(value));
    },
    async cancel() {
      await chunks.return?.();
      answer.discard();
    },
  });
}
