import type { Call, Target } from '../call/index.js';
import type { PaidCredential } from '../credential-cache/index.js';
import { HOST_SCOPE, type Offer } from '../offer/index.js';
import { type Bought, buy } from '../purchase/index.js';
import type { ClientContext } from './context.js';

/**
 * A use that is left in the cache, or a purchase. Where one payment may buy several calls, those who want the same wait for a purchase
 * under way, use what it has left, and then buy for themselves.
 */
export async function haveOrBuy(
  context: ClientContext,
  call: Call,
  target: Target,
  offer: Offer,
  fromCache: boolean,
  signal: AbortSignal,
): Promise<PaidCredential | Bought> {
  if (offer.usesTotal === 1) return buy(context, call, target, offer, signal);
  const { origin } = target;
  const key = { walletId: context.wallet.identity, origin, scope: offer.scope };
  return context.locks.withLock(`${origin} ${offer.scope}`, async () => {
    const left = fromCache ? context.store.credentials.takeUse(key, context.clock.nowMs()) : null;
    return left ?? (await buy(context, call, target, offer, signal));
  });
}

/** A credential whose scope is known for this very place, without asking the seller first. */
export function takeKnown(context: ClientContext, { origin, method, url }: Target): PaidCredential | null {
  const { credentials } = context.store;
  const key = { walletId: context.wallet.identity, origin };
  const scope = credentials.scopeOf(origin, method, new URL(url).pathname);
  const known = scope === null ? null : credentials.takeUse({ ...key, scope }, context.clock.nowMs());
  // What was imported may open the whole host.
  return known ?? credentials.takeUse({ ...key, scope: HOST_SCOPE }, context.clock.nowMs());
}
