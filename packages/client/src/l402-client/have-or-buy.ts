import { bodyDigestAt, type Call, type Target } from '../call/index.js';
import type { PaidCredential } from '../credential-cache/index.js';
import { HOST_SCOPE, type Offer, urlScopeOf } from '../offer/index.js';
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
  const { origin, method, url } = target;
  const key = { walletId: context.wallet.identity, origin, scope: offer.scope };
  const thing = { method, url, bodySha256Hex: bodyDigestAt(call, target) };
  return context.locks.withLock(`${origin} ${offer.scope}`, async () => {
    const left = fromCache ? context.store.credentials.takeUse(key, context.clock.nowMs(), thing) : null;
    return left ?? (await buy(context, call, target, offer, signal));
  });
}

/** A credential of which it is known without asking the seller that it opens this very request. */
export function takeKnown(context: ClientContext, call: Call): PaidCredential | null {
  const { credentials } = context.store;
  const { origin } = call;
  const walletId = context.wallet.identity;
  const nowMs = context.clock.nowMs();
  // What was imported may open the whole host.
  const scopes = [urlScopeOf(call), ...credentials.scopesFor(origin, call), HOST_SCOPE];
  if (!credentials.mayHaveUse(walletId, origin, scopes, nowMs)) return null;
  for (const scope of scopes) {
    const known = credentials.takeUse({ walletId, origin, scope }, nowMs, call);
    if (known !== null) return known;
  }
  return null;
}
