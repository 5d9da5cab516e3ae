import { createHash } from 'node:crypto';
import { SatwayError } from '@satway/base';
import { isPaymentAuthorization, isPaymentHeader } from '@satway/protocol';

/** Where one request goes. */
export interface Target {
  readonly method: string;
  /** Absolute, without fragment. */
  readonly url: string;
  readonly origin: string;
}

/** One logical call, read once, so that it can be sent a second time with a credential. */
export interface Call extends Target {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | null;
  readonly bodySha256Hex: string;
  readonly idempotencyKey: string;
  /** True when the caller chose the key: then equal keys mean one logical call. */
  readonly keyGiven: boolean;
  readonly redirect: 'follow' | 'manual' | 'error';
}

/** What `fetch` of the platform takes. */
export type CallInput = Request | URL | string;

/** Set by the client or the connection itself; a caller's value would frame the request in another way than its body. */
const NOT_FROM_CALLER: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Reads what the caller wants to send, body included.
 *
 * @throws {SatwayError} `CALL_INVALID`, `CALL_BODY_TOO_LARGE`. Funds moved: no.
 */
export async function readCall(
  input: CallInput,
  init: RequestInit | undefined,
  limits: { readonly maxBodyBytes: number; readonly random: (byteCount: number) => Uint8Array },
): Promise<Call> {
  const request = makeRequest(input, init);
  const body = await readBody(request, limits.maxBodyBytes);
  const key = request.headers.get('idempotency-key');
  return {
    ...targetOf(request.method, request.url),
    headers: callerHeaders(request.headers),
    body,
    bodySha256Hex: createHash('sha256')
      .update(body ?? '')
      .digest('hex'),
    idempotencyKey: key ?? Buffer.from(limits.random(16)).toString('hex'),
    keyGiven: key !== null,
    redirect: request.redirect,
  };
}

/** @throws {SatwayError} `CALL_INVALID` for anything but http and https, and for a URL with a password in it. */
export function targetOf(method: string, url: string): Target {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '') {
    throw new SatwayError('CALL_INVALID', { detail: 'The URL cannot be used.' });
  }
  parsed.hash = '';
  return { method, url: parsed.href, origin: parsed.origin };
}

const NO_BODY_SHA256_HEX = createHash('sha256').digest('hex');

/** Of the body with which a paid request of this call goes to the place where it is sold: a redirect that changes the method leaves the body behind. */
export function bodyDigestAt({ method, bodySha256Hex }: Call, target: Target): string {
  return target.method === method ? bodySha256Hex : NO_BODY_SHA256_HEX;
}

function makeRequest(input: CallInput, init: RequestInit | undefined): Request {
  try {
    // A stream as body needs `duplex`; whoever forgets it means the only value there is.
    return new Request(input, { ...({ duplex: 'half' } as RequestInit), ...init, signal: null });
  } catch {
    // Without the cause: it quotes the header or the URL that cannot be used, and with it what should open the API.
    throw new SatwayError('CALL_INVALID', { detail: 'No request can be made of it.' });
  }
}

/** What carries a payment is the client's to set: a caller's would be a second payment beside it. */
function callerHeaders(headers: Headers): [string, string][] {
  if (isPaymentAuthorization(headers.get('authorization') ?? '')) {
    throw new SatwayError('CALL_INVALID', { detail: 'Its authorization is a payment; the client makes its own.' });
  }
  return [...headers].filter(([name]) => !NOT_FROM_CALLER.has(name) && !isPaymentHeader(name));
}

async function readBody(request: Request, maxBodyBytes: number): Promise<Uint8Array | null> {
  if (request.body === null) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body) {
      size += chunk.length;
      if (size > maxBodyBytes) throw new SatwayError('CALL_BODY_TOO_LARGE');
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof SatwayError ? cause : new SatwayError('CALL_INVALID', { cause });
  }
  return Buffer.concat(chunks);
}
