import type { ExchangeResponse } from '@satway/egress';
import { HEADERS } from '@satway/protocol';
import type { Sent } from './send.js';

/** Statuses with which a `Response` may have no body. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

/** The platform's `Response` of an answer; the body streams unless its bytes are given. */
export function toResponse({ answer, hop, redirected }: Sent, bytes?: Uint8Array): Response {
  const response = new Response(bodyOf(answer, bytes), {
    status: answer.status <= 599 ? answer.status : 502,
    statusText: /^[\t\x20-\x7e]*$/.test(answer.statusText) ? answer.statusText : '',
    headers: headersOf(answer),
  });
  // The constructor knows no address; callers resolve relative links with it.
  Object.defineProperty(response, 'url', { value: hop.target.url });
  Object.defineProperty(response, 'redirected', { value: redirected });
  return response;
}

/** Secrets between seller and client: whoever holds the token of a session can spend it. */
const NOT_FOR_CALLER: ReadonlySet<string> = new Set([HEADERS.sessionToken.toLowerCase()]);

/** A header whose text is no header for the platform is left out rather than failing a paid answer. */
function headersOf({ rawHeaders }: ExchangeResponse): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (NOT_FOR_CALLER.has(name.toLowerCase())) continue;
    try {
      headers.append(name, rawHeaders[index + 1] ?? '');
    } catch {
      // See above.
    }
  }
  return headers;
}

function bodyOf(answer: ExchangeResponse, bytes: Uint8Array | undefined): ConstructorParameters<typeof Response>[0] {
  if (WITHOUT_BODY.has(answer.status)) {
    answer.discard();
    return null;
  }
  return bytes === undefined ? streamOf(answer) : Uint8Array.from(bytes);
}

/** Pulls a chunk when the reader wants one, so that a slow reader holds the seller back; cancelling closes the connection. */
function streamOf(answer: ExchangeResponse): ReadableStream<Uint8Array> {
  const chunks = answer.body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(Uint8Array.from(value));
      },
      async cancel() {
        await chunks.return?.();
        answer.discard();
      },
    },
    { highWaterMark: 0 },
  );
}
