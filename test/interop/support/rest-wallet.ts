import type { SandboxLndServer } from '@satway/wallets/sandbox';

/** A wallet as other people's JavaScript clients want it, which pays through LND's REST with the buyer's macaroon. */
export interface RestWallet {
  payInvoice(order: { invoice: string }): Promise<{ preimage: string }>;
}

interface SendLine {
  readonly result?: { readonly status?: string; readonly payment_preimage?: string };
}

export function createRestWallet(lnd: SandboxLndServer): RestWallet {
  const headers = { 'Grpc-Metadata-Macaroon': lnd.macaroonHex('buyer', 'pay'), 'Content-Type': 'application/json' };
  return {
    async payInvoice({ invoice }) {
      const order = {
        payment_request: invoice,
        fee_limit_msat: '10000',
        timeout_seconds: 20,
        no_inflight_updates: true,
      };
      const answer = await fetch(`${lnd.url}/v2/router/send`, { method: 'POST', headers, body: JSON.stringify(order) });
      const text = await answer.text();
      const { result } = JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as SendLine;
      if (result?.status !== 'SUCCEEDED' || result.payment_preimage === undefined)
        throw new TypeError(`not paid: ${text}`);
      return { preimage: result.payment_preimage };
    },
  };
}
