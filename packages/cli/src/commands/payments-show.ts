import { SatwayError } from '@satway/base';
import type { Purchase, PurchaseStore } from '@satway/client';
import type { Command } from 'commander';
import { createOutput } from '../output/index.js';
import { paymentAsJson, paymentAsLines, withPurchases } from '../payments/index.js';

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
  const found = await withPurchases(
    options.store,
    (store) => find(store, payment.trim().toLowerCase()),
    () => [] as Purchase[],
  );
  const [purchase, ...others] = found;
  if (purchase === undefined) throw wrongCall('The journal has no such payment.');
  if (others.length > 0) throw wrongCall('Several payments begin so; give more digits.');
  output.event(paymentAsJson(purchase));
  for (const line of paymentAsLines(purchase)) output.line(line);
}

function find({ journal }: PurchaseStore, wanted: string): readonly Purchase[] {
  if (/^[0-9a-f]{8,64}$/.test(wanted)) return journal.findByHash(wanted);
  const purchase = journal.get(wanted);
  return purchase === null ? [] : [purchase];
}

function wrongCall(detail: string): SatwayError {
  return new SatwayError('CLI_USAGE', { detail });
}
