import { SatwayError } from '@satway/base';
import { bodyDigestAt, type Call, followRedirects, type Sent, sendOnce } from '../call/index.js';
import { type Offer, readOffer } from '../offer/index.js';
import type { ClientContext } from './context.js';
import { L402Error } from './l402-error.js';

/**
 * A stranger's redirect back to the caller's own origin buys nothing: the paid request would carry the caller's secrets to a place that the stranger chose.
 *
 * @throws {L402Error} `REDIRECT_REFUSED`.
 */
export function refuseStray(call: Call, { hop, answer }: Sent): void {
  if (hop.strayed !== true || hop.target.origin !== call.origin) return;
  answer.discard();
  throw new L402Error('REDIRECT_REFUSED', { detail: 'Another origin chose what is to be bought.' });
}

/** Sends a call without a payment; redirects are followed. @throws {SatwayError} `REDIRECT_REFUSED`, `EGRESS_…`. Funds moved: no. */
export async function ask(context: ClientContext, call: Call, signal: AbortSignal): Promise<Sent> {
  context.tell({ type: 'asked', method: call.method, url: call.url });
  const hop = { target: call, withBody: call.body !== null };
  return unpaid(async () => {
    const first = await sendOnce(context.sender, call, hop, null, signal);
    return followRedirects(context.sender, call, first, null, signal);
  });
}

/** Steps before the wallet is asked: whatever became of the request, no money can have moved with it. */
async function unpaid<T>(steps: () => Promise<T>): Promise<T> {
  try {
    return await steps();
  } catch (cause) {
    if (!(cause instanceof SatwayError) || cause.fundsMoved !== 'unknown') throw cause;
    const { code, detail, facts } = cause;
    throw new L402Error(code, { cause, fundsMoved: 'no', facts, ...(detail === undefined ? {} : { detail }) });
  }
}

/** Reads the offer of a 402, and tells it. @throws {SatwayError} as `readOffer`. */
export async function verify(context: ClientContext, call: Call, sent: Sent): Promise<Offer> {
  const { wallet, clock, maxChallengeBytes } = context;
  const bodySha256Hex = bodyDigestAt(call, sent.hop.target);
  const limits = { network: wallet.network, nowMs: clock.nowMs(), maxChallengeBytes, bodySha256Hex };
  const offer = await unpaid(() => readOffer(sent, limits));
  const { amountMsat, paymentHashHex, invoice, description, scope, opaque } = offer;
  const { url } = sent.hop.target;
  context.tell({ type: 'challenged', url, amountMsat, paymentHashHex, invoice, description, scope, opaque });
  return offer;
}
