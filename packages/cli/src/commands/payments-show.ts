import type { Command } from 'commander';
import { createOutput } from '../output/index.js';
import { findPurchase, noSuchPayment, paymentAsJson, paymentAsLines, withPurchases } from '../payments/index.js';

interface ShowOptions {
  readonly store?: string;
  readonly json?: boolean;
}

/** `satway payments show`: everything about one purchase, without its secrets. */
export function addPaymentsShowCommand(payments: Command): void {
  payments
    .command('show')
    .description('Say everything that the journal knows of one payment.')
    .argument('<payment>', 'its payment hash or purchase id, or the first 8 digits or more of the hash')
    .option('--store <file>', 'file of purchases')
    .option('--json', 'print one JSON object')
    .action((payment: string, _: unknown, command: Command) => showPayment(payment, command.optsWithGlobals()));
}

async function showPayment(payment: string, options: ShowOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const purchase = await withPurchases(
    options.store,
    (store) => findPurchase(store, payment),
    () => {
      throw noSuchPayment();
    },
  );
  output.event(paymentAsJson(purchase));
  for (const line of paymentAsLines(purchase)) output.line(line);
}
