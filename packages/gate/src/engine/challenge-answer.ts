import { challengeBody, formatL402Challenge } from '@satway/protocol';
import type { Offer } from '../offers/index.js';
import type { GateAnswer } from './decision.js';
import { outcomeHeaders } from './payment-outcome.js';

/**
 * The 402: the `L402` line first and to the letter, whatever other schemes may follow it one day; then a body that says the same. Fields in
 * satoshis are rounded up, the invoice is exact.
 *
 * @param presented - a credential came and was refused; the answer says that nothing was charged, and nothing else differs.
 */
export function challengeAnswer(offer: Offer, presented: boolean): GateAnswer {
  const { macaroonText, invoice, paymentHashHex, priceMsat, invoiceExpiresAtMs } = offer;
  return {
    status: 402,
    headers: [
      ['WWW-Authenticate', formatL402Challenge({ macaroonText, invoice })],
      ['Content-Type', 'application/problem+json'],
      ['Cache-Control', 'no-store'],
      ...(presented ? outcomeHeaders('not_charged') : []),
    ],
    body: JSON.stringify(
      challengeBody({ macaroonText, invoice, paymentHashHex, amountMsat: priceMsat, expiresAtMs: invoiceExpiresAtMs }),
    ),
  };
}
