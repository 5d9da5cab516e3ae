import { createHash, randomBytes } from 'node:crypto';
import { encodeInvoice } from '@satway/protocol';
import type { PayingWallet } from '@satway/wallets';
import { connectNwcPayer, type NwcPayerOptions } from '@satway/wallets/nwc';
import {
  type Answering,
  type OpenedRequest,
  type RelayScript,
  type ScriptedRelay,
  startScriptedRelay,
} from '../../../../test/support/nwc/index.js';

/** An invoice whose preimage the test knows. */
export interface Bill {
  readonly invoice: string;
  readonly paymentHashHex: string;
  readonly preimageHex: string;
  readonly amountMsat: number;
}

export function newBill(amountMsat = 5_000, network: 'regtest' | 'bitcoin' = 'regtest', expirySeconds = 600): Bill {
  const preimageHex = randomBytes(32).toString('hex');
  const paymentHashHex = createHash('sha256').update(Buffer.from(preimageHex, 'hex')).digest('hex');
  const invoice = encodeInvoice(
    {
      network,
      amountMsat: BigInt(amountMsat),
      timestampSeconds: Math.floor(Date.now() / 1000),
      paymentHashHex,
      paymentSecretHex: randomBytes(32).toString('hex'),
      description: 'one call',
      expirySeconds,
    },
    randomBytes(32),
  );
  return { invoice, paymentHashHex, preimageHex, amountMsat };
}

export const refusal = (method: string, code: string, message = 'no') => ({
  result_type: method,
  error: { code, message },
  result: null,
});
export const result = (method: string, body: Readonly<Record<string, unknown>>) => ({
  result_type: method,
  error: null,
  result: body,
});
export const paid = (bill: Bill, feesPaid = 7) =>
  result('pay_invoice', { preimage: bill.preimageHex, fees_paid: feesPaid });

type Handler = (request: OpenedRequest, answering: Answering) => void;

/** What a scripted wallet does with each method; it knows no payment and is on regtest where left out. */
export type WalletScript = Readonly<Record<string, Handler>>;

const DEFAULTS: WalletScript = {
  get_info: (_request, { answer }) => answer(result('get_info', { network: 'regtest', methods: ['pay_invoice'] })),
  lookup_invoice: (_request, { answer }) => answer(refusal('lookup_invoice', 'NOT_FOUND')),
};

/** A relay script that acts as a wallet. */
export function walletScript(script: WalletScript, more: RelayScript = {}): RelayScript {
  return {
    ...more,
    onRequest: (request, answering) => (script[request.method] ?? DEFAULTS[request.method])?.(request, answering),
  };
}

/** A payer and the relay with the wallet behind it. */
export interface ScriptedPayer {
  readonly payer: PayingWallet;
  readonly relay: ScriptedRelay;
}

export async function startScriptedPayer(
  script: WalletScript,
  more: RelayScript = {},
  options: Partial<NwcPayerOptions> = {},
): Promise<ScriptedPayer> {
  const relay = await startScriptedRelay(walletScript(script, more));
  const payer = await connectNwcPayer({ uri: relay.uri, callTimeoutMs: 20_000, ...options });
  return { payer, relay };
}
