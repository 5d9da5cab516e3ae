import { createEgress, type Egress } from '@satway/egress';
import type { PayingWallet, PayRequest, ReceivingWallet } from '@satway/wallets';
import { connectPhoenixdPayer, createPhoenixdIssuer } from '@satway/wallets/phoenixd';
import { type FakeInvoice, FakeLightning } from './fake-lightning.js';
import { FakePhoenixd } from './fake-phoenixd.js';

/** One daemon that sells, one that buys, and our adapters on both. */
export interface Two {
  readonly lightning: FakeLightning;
  readonly seller: FakePhoenixd;
  readonly buyer: FakePhoenixd;
  readonly issuer: ReceivingWallet;
  readonly payer: PayingWallet;
  readonly egress: Egress;
  pay(bill: FakeInvoice, more?: Partial<PayRequest>): ReturnType<PayingWallet['pay']>;
  /** All the money there is: it never changes. */
  totalMsat(): number;
  close(): Promise<void>;
}

export async function startTwo({ balanceMsat = 1_000_000, callTimeoutMs = 5000 } = {}): Promise<Two> {
  const lightning = new FakeLightning();
  const seller = await new FakePhoenixd(lightning).start();
  const buyer = await new FakePhoenixd(lightning, balanceMsat).start();
  const egress = createEgress();
  const options = { url: buyer.url, password: buyer.fullPassword, egress, callTimeoutMs, clock: lightning.now };
  const payer = await connectPhoenixdPayer(options);
  buyer.calls.length = 0;
  return {
    lightning,
    seller,
    buyer,
    egress,
    payer,
    issuer: createPhoenixdIssuer({ url: seller.url, password: seller.limitedPassword, egress, callTimeoutMs }),
    pay: ({ invoice, paymentHashHex, amountMsat }, more = {}) =>
      payer.pay({ invoice, paymentHashHex, amountMsat, feeLimitMsat: 20_000, timeoutMs: 5000, ...more }),
    totalMsat: () =>
      seller.ledger.balanceMsat + buyer.ledger.balanceMsat + lightning.feesMsat + lightning.paidOutsideMsat,
    close: async () => {
      await egress.close();
      await seller.kill();
      await buyer.kill();
    },
  };
}
