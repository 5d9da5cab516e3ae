import { type Call, type Sent, type Target, toResponse } from '../call/index.js';
import type { PaidCredential } from '../credential-cache/index.js';
import { HOST_SCOPE, type Offer } from '../offer/index.js';
import { type Bought, buy } from '../purchase/index.js';
import { useCached, usePurchase } from '../redeem/index.js';
import { ask, refuseStray, verify } from './ask.js';
import type { ClientContext } from './context.js';
import { takeUpEarlier } from './earlier.js';
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
  const key = { walletId: context.wallet.identity, origin };
  const scope = credentials.scopeOf(origin, method, new URL(url).pathname);
  const known = scope === null ? null : credentials.takeUse({ ...key, scope }, context.clock.nowMs());
  // What was imported may open the whole host.
  return known ?? credentials.takeUse({ ...key, scope: HOST_SCOPE }, context.clock.nowMs());
}
