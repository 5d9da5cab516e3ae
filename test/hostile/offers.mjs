// What a seller offers, honest or not: tokens, challenges, and invoices that no honest node would sign.
import { randomBytes } from 'node:crypto';
import { encodeIdentifier, encodeMacaroonText, mintedCaveats, mintMacaroon } from '@satway/protocol';

export const TENANT_ID = '6f1c0d5e-8a35-4f0e-9a0e-2f6f1b1f8a11';
const ROOT_KEY = Buffer.alloc(32, 9);
const FOUR_HOURS_MS = 4 * 3_600_000;

/** A macaroon as our own gate mints it. */
export function mintToken({
  paymentHashHex,
  priceMsat = 5000,
  uses = 1,
  endpointId = 'item',
  model = 'per_request',
  livesMs = FOUR_HOURS_MS,
}) {
  const mintedAtMs = Date.now();
  const caveats = mintedCaveats({
    tenantSlug: 'acme',
    tenantId: TENANT_ID,
    endpointId,
    model,
    priceMsat,
    uses,
    mintedAtMs,
    expiresAtMs: mintedAtMs + livesMs,
  });
  const identifier = encodeIdentifier({ paymentHashHex, tokenId: randomBytes(32) });
  return encodeMacaroonText(mintMacaroon({ rootKey: ROOT_KEY, location: 'satway', identifier, caveats }));
}

/** A token in somebody else's format: nothing of it can be read. */
export function opaqueToken() {
  return `opaque-${randomBytes(24).toString('hex')}`;
}

/** The value of `WWW-Authenticate`, with parameters of the case's own behind the usual ones. */
export function challengeHeader({ scheme = 'L402', token, invoice, params = {} }) {
  const own = Object.entries(params).map(([name, value]) => `, ${name}="${value}"`);
  return `${scheme} macaroon="${token}", invoice="${invoice}"${own.join('')}`;
}

/** Answers with a 402, or with another status that carries the same. */
export function offer(response, { status = 402, headers = {}, body = {}, ...challenge }) {
  response.writeHead(status, {
    'www-authenticate': challengeHeader(challenge),
    'content-type': 'application/problem+json',
    ...headers,
  });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Whether a request shows a preimage, rather than the zeros of a payment of which nothing is known. */
export function isPaid({ headers }) {
  const preimageHex = /^(?:L402|LSAT) .+:([0-9a-f]{64})$/i.exec(headers.authorization ?? '')?.[1];
  return preimageHex !== undefined && !/^0+$/.test(preimageHex);
}
