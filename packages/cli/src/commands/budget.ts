import { existsSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { type BudgetState, openPurchaseStore, type PurchaseStore } from '@satway/client';
import type { Command } from 'commander';
import { formatMsat } from '../amounts.js';
import { createOutput, type Output } from '../output/index.js';
import { purchaseStorePath, purchaseStorePathIn } from '../pay/satway-home.js';

interface BudgetOptions {
  readonly store?: string;
  readonly json?: boolean;
}

const HELP = `
What is frozen stays frozen for every process that uses the store, from its next step on. A payment that is on its way already is not called back.

Examples:
  satway budget
  satway budget freeze --reason "the agent buys the same thing again and again"
  satway budget thaw`;

/** `satway budget`: what was spent, and the switch that stops all spending. */
export function addBudgetCommand(program: Command): void {
  const budget = withStore(
    program.command('budget').description('Show what was spent of each budget, and whether spending is stopped.'),
  )
    .addHelpText('after', HELP)
    .action((options: BudgetOptions) => showBudgets(options));
  withStore(budget.command('freeze').description('Stop all spending from the purchase store, in every process.'))
    .option('--reason <text>', 'why, for whoever looks later', 'stopped by a person')
    .action((_: unknown, command: Command) => freeze(command.optsWithGlobals()));
  withStore(
    budget.command('thaw').description('Let spending go on, after a freeze or after a payment that cost too much.'),
  ).action((_: unknown, command: Command) => thaw(command.optsWithGlobals()));
}

function withStore(command: Command): Command {
  return command.option('--store <file>', 'file of purchases').option('--json', 'print one JSON object');
}

function showBudgets({ store, json }: BudgetOptions): void {
  const output = createOutput(json === true);
  const path = store ?? purchaseStorePathIn(process.env);
  // Looking makes no store.
  if (!existsSync(path)) return tell(output, null, []);
  inStore(path, ({ budgets }) => tell(output, budgets.stopped(), budgets.list()));
}

function freeze({ store, json, reason }: BudgetOptions & { readonly reason: string }): void {
  const output = createOutput(json === true);
  inStore(store ?? purchaseStorePath(process.env), ({ budgets }) => {
    budgets.freeze(reason);
    tell(output, budgets.stopped(), budgets.list());
  });
}

function thaw({ store, json }: BudgetOptions): void {
  const output = createOutput(json === true);
  const path = store ?? purchaseStorePathIn(process.env);
  if (!existsSync(path)) throw new SatwayError('PURCHASE_STORE_UNUSABLE', { detail: 'There is none at this place.' });
  inStore(path, ({ budgets }) => {
    budgets.thaw();
    for (const { budgetId, frozenReason } of budgets.list()) if (frozenReason !== null) budgets.unfreeze(budgetId);
    tell(output, budgets.stopped(), budgets.list());
  });
}

function inStore(path: string, use: (store: PurchaseStore) => void): void {
  // Whoever stops spending must be able to, also where the key of the secrets cannot be had.
  const store = openPurchaseStore({ path, unlock: 'when-needed' });
  try {
    use(store);
  } finally {
    store.close();
  }
}

function tell(
  output: Output,
  stopped: ReturnType<PurchaseStore['budgets']['stopped']>,
  budgets: readonly BudgetState[],
): void {
  output.event({ stopped, budgets });
  if (stopped !== null) {
    output.line(`All spending is stopped since ${new Date(stopped.sinceMs).toISOString()}: ${stopped.reason}`);
  }
  if (budgets.length === 0) output.line('Nothing was spent yet.');
  for (const each of budgets) output.line(lineFor(each));
}

function lineFor({ budgetId, capMsat, reservedMsat, spentMsat, frozenReason }: BudgetState): string {
  const of = capMsat === null ? '' : ` of ${formatMsat(capMsat)}`;
  const frozen = frozenReason === null ? '' : `  frozen: ${frozenReason}`;
  return `${budgetId}  spent ${formatMsat(spentMsat)}${of}, reserved ${formatMsat(reservedMsat)}${frozen}`;
}
