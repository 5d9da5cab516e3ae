import { createEgress } from '@satway/egress';
import { decodeInvoice, parseChallengeBody, parseChallenges } from '@satway/protocol';
import type { RequestToSend } from './curl-options.js';
import { policyForTyped } from './typed-host.js';

/** What a request would cost, by the invoice that the seller shows; nothing in here can reach a wallet. */
export interface Preview {
  readonly status: number;
  /** `null` where the answer asks for no payment, or for one that cannot be read. */
  readonly offer: {
    readonly scheme: string;
    readonly amountMsat: string | null;
    readonly network: string;
    readonly paymentHash: string;
    readonly payee: string;
    readonly description: string | null;
    readonly expiresAt: string;
  } | null;
}

/** Asks once, pays nothing. @throws {SatwayError} `EGRESS_…`. */
export async function previewCost(url: string, request: RequestToSend): Promise<Preview> {
  const egress = createEgress(policyForTyped(url));
  try {
    const response = await egress.exchange({
      method: request.method,
      url,
      headers: [...request.headers],
      ...(request.body === null ? {} : { body: request.body }),
      deadlineMs: 30_000,
      maxBodyBytes: 65_536,
    });
    const body = response.status === 402 ? await response.text() : '';
    response.discard();
    return { status: response.status, offer: response.status === 402 ? readOffer(response.rawHeaders, body) : null };
  } finally {
    await egress.close();
  }
}

function readOffer(rawHeaders: readonly string[], body: string): Preview['offer'] {
  const { scheme, invoice } = findInvoice(rawHeaders, body);
  const decoded = invoice === null ? null : decodeInvoice(invoice);
  if (decoded === null || !decoded.ok) return null;
  const { amountMsat, network, paymentHashHex, payeeHex, description, expiresAtMs } = decoded.value;
  return {
    scheme,
    amountMsat: amountMsat === null ? null : String(amountMsat),
    network,
    paymentHash: paymentHashHex,
    payee: payeeHex,
    description,
    expiresAt: new Date(expiresAtMs).toISOString(),
  };
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
