import { hash } from 'node:crypto';
import type { OfferRequest } from './offer.js';

/**
 * Digest of everything that must be equal before an open invoice is offered again: tenant, endpoint and since when its quotes hold, price,
 * method, URL, body, and the caller's secret or else the caller's address.
 */
export function offerKey(tenantId: string, request: OfferRequest): string {
  const { endpoint, price, method, url, bodySha256Hex, callerSecret, scope } = request;
  const caller = callerSecret === null ? ['address', scope] : ['secret', callerSecret];
  const parts = [
    tenantId,
    endpoint.id,
    endpoint.quotesValidAfterMs ?? null,
    price.model,
    price.priceMsat,
    price.uses,
    method,
    url,
    bodySha256Hex,
    ...caller,
  ];
  return hash('sha256', JSON.stringify(parts), 'base64');
}
