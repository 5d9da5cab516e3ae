import type { Purchase, PurchaseQuery, PurchaseState } from '@satway/client';
import { type Command, InvalidArgumentError } from 'commander';
import { parseCount } from '../amounts.js';
import { parseMoment } from '../moments.js';
import { createOutput } from '../output/index.js';
import { paymentAsJson, paymentTable, withPurchases } from '../payments/index.js';
import { addPaymentsReconcileCommand } from './payments-reconcile.js';
import { addPaymentsShowCommand } from './payments-show.js';
import { addPaymentsUseCommand } from './payments-use.js';

interface PaymentsOptions {
  readonly state?: readonly PurchaseState[];
  readonly host?: string;
  readonly since?: number;
  readonly limit: number;
  readonly store?: string;
  readonly json?: boolean;
}

const STATES: readonly PurchaseState[] = [
  'quoted',
  'reserved',
  'sending',
  'unknown',
  'settled',
  'redeeming',
  'redeemed',
  'failed',
];

const HELP = `
Asks no wallet. What "satway wallet pay" has paid stands under "satway wallet look-up".

Examples:
  satway payments --since 7d --host api.example.com
  satway payments --state unknown,sending
  satway payments --json | jq 'map(.amountMsat) | add'`;

/** `satway payments`: what was bought. */
export function addPaymentsCommand(program: Command): void {
  const payments = program
    .command('payments')
    .description('List what was bought, newest first.')
    .option('--state <states>', 'only those that stand so, separated by commas', parseStates)
    .option('--host <host>', 'only those of this seller, host or host:port')
    .option('--since <moment>', 'only those begun since then: a date, a time, or 30m, 24h, 7d', parseMoment)
    .option('--limit <count>', 'at most so many', parseCount, 50)
    .option('--store <file>', 'file of purchases')
    .option('--json', 'print one JSON array')
    .addHelpText('after', HELP)
    .action((options: PaymentsOptions) => listPayments(options));
  addPaymentsShowCommand(payments);
  addPaymentsReconcileCommand(payments);
  addPaymentsUseCommand(payments);
}

function parseStates(text: string): readonly PurchaseState[] {
  const states = text.split(',').map((name) => STATES.find((state) => state === name.trim()));
  const known = states.filter((state) => state !== undefined);
  if (known.length === states.length) return known;
  throw new InvalidArgumentError(`The states are ${STATES.join(', ')}.`);
}

async function listPayments(options: PaymentsOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const found = await withPurchases(
    options.store,
    (store) => store.journal.search(queryOf(options)),
    () => [] as Purchase[],
  );
  output.event(found.map(paymentAsJson));
  if (found.length === 0) return output.line('Nothing was bought that fits.');
  for (const line of paymentTable(found)) output.line(line);
  if (found.length === options.limit) output.note(`The newest ${options.limit}; --limit shows more.`);
}

function queryOf({ state, host, since, limit }: PaymentsOptions): PurchaseQuery {
  return {
    limit,
    ...(state === undefined ? {} : { states: state }),
    ...(host === undefined ? {} : { host }),
    ...(since === undefined ? {} : { sinceMs: since }),
  };
}
