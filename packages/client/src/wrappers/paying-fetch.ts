import type { CallInput } from '../call/index.js';
import { readTerms } from '../l402-client/call-terms.js';
import type { L402Client, PerCallOptions } from '../l402-client/index.js';

/**
 * A function that stands where the platform's `fetch` stood, and pays. Takes what that takes, also the `Request` of another implementation; the answer's body
 * streams.
 *
 * It rejects with an `L402Error` where nothing could be had, and with the signal's reason where the caller gave up, as `fetch` does; what was paid by then is
 * kept for the next call of the same thing. `cache`, `credentials`, `mode` and `keepalive` have no meaning here.
 *
 * @param perCall - narrows what each call may do.
 * @throws {SatwayError} `CLIENT_OPTIONS_INVALID`, `AMOUNT_OUT_OF_RANGE` where that cannot be used.
 */
export function createPayingFetch(client: Pick<L402Client, 'fetch'>, perCall?: PerCallOptions): typeof fetch {
  readTerms(perCall);
  return async function payingFetch(input: unknown, init?: RequestInit): Promise<Response> {
    const call = readInput(input);
    const signal = init?.signal ?? (call instanceof Request ? call.signal : null);
    try {
      return await client.fetch(call, init, perCall);
    } catch (error) {
      // Whoever waits for `fetch` looks for its own reason, an `AbortError` mostly.
      if (signal?.aborted === true) throw signal.reason;
      throw error;
    }
  };
}

/** What a `Request` of any implementation has. */
interface RequestLike {
  readonly url: string;
  readonly method: string;
  readonly headers: Iterable<readonly [string, string]>;
  readonly body?: ReadableStream<Uint8Array> | null;
  readonly redirect?: Request['redirect'];
  readonly signal?: AbortSignal | null;
}

function readInput(input: unknown): CallInput {
  if (typeof input === 'string' || input instanceof URL || input instanceof Request) return input;
  return isRequestLike(input) ? asRequest(input) : String(input);
}

function isRequestLike(input: unknown): input is RequestLike {
  if (typeof input !== 'object' || input === null) return false;
  const { url, method, headers } = input as Partial<RequestLike>;
  return typeof url === 'string' && typeof method === 'string' && typeof headers?.[Symbol.iterator] === 'function';
}

function asRequest({ url, method, headers, body = null, redirect = 'follow', signal = null }: RequestLike): Request {
  const pairs = [...headers].map(([name, value]): [string, string] => [name, value]);
  const streamed = body === null ? {} : { body, duplex: 'half' as const };
  return new Request(url, { method, headers: pairs, redirect, signal, ...streamed });
}
