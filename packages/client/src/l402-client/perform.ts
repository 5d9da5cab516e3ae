import { SatwayError } from '@satway/base';
import { type Call, followRedirects, type Sent, sendOnce, type Target, toResponse } from '../call/index.js';
import type { PaidCredential } from '../credential-cache/index.js';
import { type Offer, readOffer } from '../offer/index.js';
import { type Bought, buy } from '../purchase/index.js';
import { useCached, usePurchase } from '../redeem/index.js';
import type { ClientContext } from './context.js';
import { takeUpEarlier } from './earlier.js';
import { L402Error } from './l402-error.js';
import type { Performed } from './performed.js';

/** How often a credential from the cache may be refused before one is bought without looking there. */
const CACHE_ROUNDS = 2;

/**
 * One call from start to end: an earlier purchase of it? → a credential in the cache? → ask → verify the offer → buy → redeem.
 *
 * @throws {SatwayError} of the steps.
 */
export async function perform(context: ClientContext, call: Call, signal: AbortSignal): Promise<Performed> {
  const earlier = await takeUpEarlier(context, call);
  if (earlier !== null) return usePurchase(context, { call, bought: earlier, source: 'recovered', signal });
  const cached = takeKnown(context, call);
  const used = cached === null ? null : await useCached(context, call, call, cached, signal);
  if (used?.used === true) return used.performed;
  return purchaseFrom(context, call, used?.challenge ?? (await ask(context, call, signal)), signal);
}

async function purchaseFrom(context: ClientContext, call: Call, first: Sent, signal: AbortSignal): Promise<Performed> {
  let sent = first;
  for (let round = 0; sent.answer.status === 402; round++) {
    const { target } = sent.hop;
    refuseStray(call, sent);
    const offer = await verify(context, sent);
    const got = await obtain(context, call, target, offer, round < CACHE_ROUNDS, signal);
    if ('purchase' in got) return usePurchase(context, { call, bought: got, source: 'bought', signal });
    const used = await useCached(context, call, target, got, signal);
    if (used.used) return used.performed;
    sent = used.challenge ?? (await ask(context, call, signal));
  }
  return { response: toResponse(sent), payment: null };
}

/** A stranger's redirect back to the caller's own origin buys nothing: the paid request would carry the caller's secrets to a place that the stranger chose. */
function refuseStray(call: Call, { hop, answer }: Sent): void {
  if (hop.strayed !== true || hop.target.origin !== call.origin) return;
  answer.discard();
  throw new L402Error('REDIRECT_REFUSED', { detail: 'Another origin chose what is to be bought.' });
}

async function ask(context: ClientContext, call: Call, signal: AbortSignal): Promise<Sent> {
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

async function verify(context: ClientContext, sent: Sent): Promise<Offer> {
  const { wallet, clock, maxChallengeBytes } = context;
  const limits = { network: wallet.network, nowMs: clock.nowMs(), maxChallengeBytes };
  const offer = await unpaid(() => readOffer(sent, limits));
  const { amountMsat, paymentHashHex, invoice, description, scope, opaque } = offer;
  const { url } = sent.hop.target;
  context.tell({ type: 'challenged', url, amountMsat, paymentHashHex, invoice, description, scope, opaque });
  return offer;
}

/**
 * A use that is left in the cache, or a purchase. Where one payment may buy several calls, those who want the same wait for a purchase
 * under way, use what it has left, and then buy for themselves.
 */
async function obtain(
  context: ClientContext,
  call: Call,
  target: Target,
  offer: Offer,
  fromCache: boolean,
  signal: AbortSignal,
): Promise<PaidCredential | Bought> {
  if (offer.usesTotal === 1) return buy(context, call, target, offer, signal);
  const { origin, method } = target;
  const key = { walletId: context.wallet.identity, origin, scope: offer.scope };
  return context.locks.withLock(`${origin} ${offer.scope}`, async () => {
    const left = fromCache ? context.store.credentials.takeUse(key, context.clock.nowMs()) : null;
    if (left !== null) return left;
    const bought = await buy(context, call, target, offer, signal);
    context.store.credentials.learnPath(origin, method, new URL(target.url).pathname, offer.scope);
    return bought;
  });
}

/** A credential whose scope is known for this very place, without asking the seller first. */
function takeKnown(context: ClientContext, { origin, method, url }: Call): PaidCredential | null {
  const { credentials } = context.store;
  const scope = credentials.scopeOf(origin, method, new URL(url).pathname);
  if (scope === null) return null;
  return credentials.takeUse({ walletId: context.wallet.identity, origin, scope }, context.clock.nowMs());
}
