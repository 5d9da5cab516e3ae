import type { InvoicePayer, PaymentLookUp, PaymentOutcome, PayRequest } from '@satway/wallets';

/** A wallet that writes down what it is asked and answers as it is told; by default nothing is told, and each question fails. */
export interface ScriptedWallet extends InvoicePayer {
  readonly payments: PayRequest[];
  readonly lookUps: string[];
}

export interface Script {
  readonly pay?: (request: PayRequest) => Promise<PaymentOutcome>;
  readonly lookUp?: (paymentHashHex: string) => Promise<PaymentLookUp>;
  readonly identity?: string;
  readonly refusesSecondPayment?: boolean;
  readonly feeCeilingMsat?: number | null;
}

export function scriptedWallet(script: Script = {}): ScriptedWallet {
  const payments: PayRequest[] = [];
  const lookUps: string[] = [];
  return {
    payments,
    lookUps,
    identity: script.identity ?? 'wallet-a',
    network: 'regtest',
    refusesSecondPayment: script.refusesSecondPayment ?? true,
    feeCeilingMsat: () => (script.feeCeilingMsat === undefined ? 1000 : script.feeCeilingMsat),
    async pay(request) {
      payments.push(request);
      return script.pay?.(request) ?? { state: 'unknown', detail: 'nothing was told' };
    },
    async lookUp(paymentHashHex) {
      lookUps.push(paymentHashHex);
      return script.lookUp?.(paymentHashHex) ?? { state: 'notFound', walletNowMs: Date.now() };
    },
    balance: async () => ({ spendableMsat: 1_000_000_000 }),
  };
}
