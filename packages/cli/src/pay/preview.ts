import { createPreviewer, type PreviewedOffer } from '@satway/client';
import { createEgress } from '@satway/egress';
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
    /** Why it would not be paid, whatever the limits; a stable code. */
    readonly refusal: string | null;
  } | null;
}

/** Asks once, pays nothing. @throws {SatwayError} as `Previewer.preview`. */
export async function previewCost(url: string, request: RequestToSend): Promise<Preview> {
  const egress = createEgress(policyForTyped(url));
  try {
    // No wallet says which network could be paid.
    const { status, offer } = await createPreviewer({ egress, network: null }).preview(url, request);
    return { status, offer: offer === null ? null : readable(offer) };
  } finally {
    await egress.close();
  }
}

function readable(offer: PreviewedOffer): Preview['offer'] {
  return {
    scheme: offer.scheme,
    amountMsat: offer.amountMsat === null ? null : String(offer.amountMsat),
    network: offer.network,
    paymentHash: offer.paymentHashHex,
    payee: offer.payeeHex,
    description: offer.description,
    expiresAt: new Date(offer.expiresAtMs).toISOString(),
    refusal: offer.refusal?.code ?? null,
  };
}
