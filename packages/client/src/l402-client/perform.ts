import { type Call, type Sent, toResponse } from '../call/index.js';
import { useCached, usePurchase } from '../redeem/index.js';
import { ask, refuseStray, verify } from './ask.js';
import type { ClientContext } from './context.js';
import { takeUpEarlier } from './earlier.js';
import { createFreshOffers } from './fresh-offer.js';
import { haveOrBuy, takeKnown } from './have-or-buy.js';
import type { Performed } from './performed.js';

/** How often a credential from the cache may be refused before one is bought without looking there. */
const CACHE_ROUNDS = 2;

/**
 * One call from start to end: an earlier purchase of it? → a credential in the cache? → ask → verify the offer → buy → redeem.
 *
 * @throws {SatwayError} of the steps.
 */
export async function perform(context: ClientContext, call: Call, signal: AbortSignal): Promise<Performed> {
  const earlier = await takeUpEarlier(context, call, signal);
  if (earlier !== null) return usePurchase(context, { call, ...earlier, signal });
  const cached = takeKnown(context, call);
  const used = cached === null ? null : await useCached(context, call, call, cached, signal);
  if (used?.used === true) return used.performed;
  return purchaseFrom(context, call, used?.challenge ?? (await ask(context, call, signal)), signal);
}

async function purchaseFrom(context: ClientContext, call: Call, first: Sent, signal: AbortSignal): Promise<Performed> {
  let sent = first;
  const offers = createFreshOffers();
  for (let round = 0; sent.answer.status === 402; round++) {
    const { target } = sent.hop;
    refuseStray(call, sent);
    const offer = await verify(context, call, sent);
    const got = await offers.unlessExpired(haveOrBuy(context, call, target, offer, round < CACHE_ROUNDS, signal));
    if (got === null) {
      sent = await ask(context, call, signal);
      continue;
    }
    if ('purchase' in got) return usePurchase(context, { call, bought: got, source: 'bought', signal });
    const used = await useCached(context, call, target, got, signal);
    if (used.used) return used.performed;
    sent = used.challenge ?? (await ask(context, call, signal));
  }
  return { response: toResponse(sent), payment: null };
}
