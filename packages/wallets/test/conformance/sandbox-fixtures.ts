import type { InvoiceIssuer, InvoicePayer } from '@satway/wallets';
import { createSandboxNetwork, type SandboxClock, type SandboxNetwork } from '@satway/wallets/sandbox';
import type { HoldingIssuerFixture } from './issuer-conformance.js';
import type { PayerFixture } from './payer-conformance.js';

/** The machine's clock, which can be set forward. */
export function createSettableClock(): SandboxClock & { advance(byMs: number): void } {
  let aheadMs = 0;
  return {
    now: () => Date.now() + aheadMs,
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    advance: (byMs) => void (aheadMs += byMs),
  };
}

interface Wallets {
  readonly issuer: InvoiceIssuer;
  readonly payer: InvoicePayer;
  close(): Promise<void>;
}

/** A sandbox with a buyer and a seller, and what `connect` makes of it. */
async function setUp(connect: (network: SandboxNetwork) => Promise<Wallets>) {
  const clock = createSettableClock();
  const network = createSandboxNetwork({ clock });
  network.addNode('buyer', { balanceMsat: 100_000_000 });
  network.addNode('seller');
  const wallets = await connect(network);
  const close = async () => {
    await wallets.close();
    network.close();
  };
  return { clock, network, wallets, close };
}

export async function makeIssuerFixture(
  connect: (network: SandboxNetwork) => Promise<Wallets>,
): Promise<HoldingIssuerFixture> {
  const { clock, network, wallets, close } = await setUp(connect);
  const send = (invoice: string) => network.lightning.send('buyer', { invoice, amountMsat: null, feeLimitMsat: 0 });
  return {
    issuer: wallets.issuer,
    network: 'regtest',
    pay: async (invoice) => void send(invoice),
    passTime: async (ms) => clock.advance(ms),
    cancel: async (paymentHashHex) => void network.cancelInvoice('seller', paymentHashHex),
    payAndHold: async (invoice) => {
      network.addFault('buyer', { kind: 'held' });
      send(invoice);
    },
    close,
  };
}

export async function makePayerFixture(connect: (network: SandboxNetwork) => Promise<Wallets>): Promise<PayerFixture> {
  const { clock, network, wallets, close } = await setUp(connect);
  const { issuer } = network.node('seller');
  const createInvoice = (amountMsat: number, expirySeconds: number) =>
    issuer.create({ amountMsat, description: 'one call', expirySeconds });
  return {
    payer: wallets.payer,
    network: 'regtest',
    createInvoice,
    cancelInvoice: async (paymentHashHex) => void network.cancelInvoice('seller', paymentHashHex),
    passTime: async (ms) => clock.advance(ms),
    hold: {
      createInvoice: (amountMsat) => {
        network.addFault('buyer', { kind: 'held' });
        return createInvoice(amountMsat, 600);
      },
      resolve: async (paymentHashHex, as) => void network.resolve(paymentHashHex, as),
    },
    close,
  };
}
