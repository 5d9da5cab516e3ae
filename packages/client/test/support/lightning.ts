import type { InvoiceIssuer, InvoicePayer } from '@satway/wallets';
import { createSandboxNetwork, type PaymentFault, type SandboxNetwork } from '@satway/wallets/sandbox';
import { onTestFinished } from 'vitest';

/** A seller's and a buyer's node in a sandbox network; its books are the judge of what was paid. */
export interface Lightning {
  readonly network: SandboxNetwork;
  readonly issuer: InvoiceIssuer;
  readonly payer: InvoicePayer;
  /** Amounts of the buyer's settled payments. */
  settledMsat(): number[];
  /** Hashes of all payments of the buyer, whatever their state. */
  payments(): string[];
  /** The seller's invoices, as text. */
  invoices(): string[];
  addFault(fault: PaymentFault): void;
  /** Settles every payment that is stuck. */
  resolveAll(): void;
  /** Resolves when the buyer's next payment goes out. */
  nextPayment(): Promise<void>;
}

export function openLightning(balanceMsat = 1_000_000_000): Lightning {
  const network = createSandboxNetwork();
  onTestFinished(() => network.close());
  const { issuer } = network.addNode('seller');
  const { payer } = network.addNode('buyer', { balanceMsat });
  const booksOf = (name: string) => network.books().nodes.find((node) => node.name === name);
  const payments = () => booksOf('buyer')?.payments ?? [];
  return {
    network,
    issuer,
    payer,
    settledMsat: () => payments().flatMap(({ state, amountMsat }) => (state === 'SUCCEEDED' ? [amountMsat] : [])),
    payments: () => payments().map(({ paymentHashHex }) => paymentHashHex),
    invoices: () => (booksOf('seller')?.invoices ?? []).map(({ invoice }) => invoice),
    addFault: (fault) => network.addFault('buyer', fault),
    resolveAll: () => {
      for (const { paymentHashHex } of payments()) network.resolve(paymentHashHex, 'settled');
    },
    nextPayment: () =>
      new Promise((resolve) => {
        const stop = network.lightning.paymentNews.add(() => {
          stop();
          resolve();
        });
      }),
  };
}
