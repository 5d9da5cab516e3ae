import { randomBytes } from 'node:crypto';
import { type ErrorCode, SatwayError } from '@satway/base';
import type { Egress } from '@satway/egress';
import { type BitcoinNetwork, decodeInvoice, parseChallengeBody, parseChallenges } from '@satway/protocol';
import { type Call, type CallInput, followRedirects, readCall, type Sent, sendOnce } from '../call/index.js';
import { readOffer } from '../offer/index.js';

/** What a seller asks for, as its invoice says it. Whoever wrote the description is a stranger. */
export interface PreviewedOffer {
  readonly scheme: string;
  /** `null`: any amount, which is not paid. May be more than a number holds. */
  readonly amountMsat: bigint | null;
  readonly network: BitcoinNetwork;
  readonly paymentHashHex: string;
  /** 66 hex digits. */
  readonly payeeHex: string;
  readonly description: string | null;
  readonly expiresAtMs: number;
  /** Why nobody should pay it, whatever the limits; `null` where it is sound. */
  readonly refusal: { readonly code: ErrorCode; readonly message: string } | null;
}

/** What a request would cost. */
export interface Preview {
  readonly status: number;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  /** `null` where the answer asks for no payment, or for one that cannot be read. */
  readonly offer: PreviewedOffer | null;
}

/** Shows prices. Nothing in here knows a wallet or a store, so that nothing in here can pay. */
export interface Previewer {
  /**
   * Sends the request once without a payment, and reads what it would cost. A seller who asks for none acts on it.
   *
   * @throws {SatwayError} `CALL_INVALID`, `CALL_BODY_TOO_LARGE`, `REDIRECT_REFUSED`, `OFFER_UNREADABLE` (a 402 that is too large), `EGRESS_…`. Funds moved: no.
   */
  preview(input: CallInput, init?: RequestInit): Promise<Preview>;
}

/** What a previewer works with. */
export interface PreviewerOptions {
  readonly egress: Pick<Egress, 'exchange'>;
  /** Whose invoices could be paid; `null` takes the network that the invoice names. */
  readonly network: BitcoinNetwork | null;
  /** Default 30,000. */
  readonly exchangeTimeoutMs?: number;
  /** Default 64 KiB. */
  readonly maxChallengeBytes?: number;
  /** Default 4 MiB. */
  readonly maxRequestBodyBytes?: number;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly nowMs?: () => number;
}

export function createPreviewer(options: PreviewerOptions): Previewer {
  const maxBodyBytes = options.maxRequestBodyBytes ?? 4 * 1024 * 1024;
  const maxChallengeBytes = options.maxChallengeBytes ?? 65_536;
  return {
    async preview(input, init) {
      const call = await readCall(input, init, { maxBodyBytes, random: randomBytes });
      const signal = init?.signal ?? (input instanceof Request ? input.signal : null) ?? new AbortController().signal;
      const sent = await ask(options, call, signal);
      const { answer, hop } = sent;
      const { status } = answer;
      const place = { status, url: hop.target.url };
      if (status !== 402) {
        answer.discard();
        return { ...place, offer: null };
      }
      const bytes = await readAtMost(sent, maxChallengeBytes);
      return { ...place, offer: await describe(options, sent, bytes, maxChallengeBytes) };
    },
  };
}

async function ask({ egress, exchangeTimeoutMs }: PreviewerOptions, call: Call, signal: AbortSignal): Promise<Sent> {
  const sender = { egress, exchangeTimeoutMs: exchangeTimeoutMs ?? 30_000, maxResponseBytes: 10 * 1024 * 1024 };
  const first = await sendOnce(sender, call, { target: call, withBody: call.body !== null }, null, signal);
  return followRedirects(sender, call, first, null, signal);
}

async function readAtMost({ answer }: Sent, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > maxBytes) throw new SatwayError('OFFER_UNREADABLE', { detail: 'The 402 answer is too large.' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function describe(
  { network, nowMs = Date.now }: PreviewerOptions,
  sent: Sent,
  bytes: Uint8Array,
  maxChallengeBytes: number,
): Promise<PreviewedOffer | null> {
  const { scheme, invoice } = findInvoice(sent.answer.rawHeaders, new TextDecoder().decode(bytes));
  const decoded = invoice === null ? null : decodeInvoice(invoice);
  if (decoded === null || !decoded.ok) return null;
  const { amountMsat, paymentHashHex, payeeHex, description, expiresAtMs } = decoded.value;
  const limits = { network: network ?? decoded.value.network, nowMs: nowMs(), maxChallengeBytes };
  const refusal = await refusalOf({ ...sent, answer: { ...sent.answer, body: again(bytes) } }, limits);
  return {
    scheme,
    amountMsat,
    network: decoded.value.network,
    paymentHashHex,
    payeeHex,
    description,
    expiresAtMs,
    refusal,
  };
}

/** The same checks that a purchase makes. */
async function refusalOf(...args: Parameters<typeof readOffer>): Promise<PreviewedOffer['refusal']> {
  try {
    await readOffer(...args);
    return null;
  } catch (error) {
    if (!(error instanceof SatwayError)) throw error;
    return { code: error.code, message: error.message };
  }
}

async function* again(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function findInvoice(rawHeaders: readonly string[], body: string): { scheme: string; invoice: string | null } {
  const lines = rawHeaders.filter(
    (_, index) => rawHeaders[index - 1]?.toLowerCase() === 'www-authenticate' && index % 2 === 1,
  );
  for (const challenge of parseChallenges(lines)) {
    if ('invoice' in challenge && challenge.invoice !== null)
      return { scheme: challenge.scheme, invoice: challenge.invoice };
  }
  return { scheme: 'L402', invoice: parseChallengeBody(body)?.invoice ?? null };
}
