import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { SatwayError } from '@satway/base';
import { type BudgetState, openPurchaseStore, type PurchaseStore } from '@satway/client';
import type { Command } from 'commander';
import { formatMsat } from '../amounts.js';
import { createOutput, type Output } from '../output/index.js';
import { knownStores } from '../pay/known-stores.js';
import { purchaseStorePath, purchaseStorePathIn } from '../pay/satway-home.js';

interface BudgetOptions {
  readonly store?: string;
  readonly json?: boolean;
}

const HELP = `
What is frozen stays frozen for every process that uses the file of purchases, from its next step on. A payment that is on its way already is not called back.
Without --store every file is meant that satway pay and satway mcp ever used with this SATWAY_HOME; a program of your own that keeps one elsewhere needs --store.

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
  withStore(budget.command('freeze').description('Stop all spending, in every process that buys from here.'))
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

/** Without `--store`, everything that ever bought from here stops: whoever stops spending does not want to look up where it is written down. */
function freeze({ store, json, reason }: BudgetOptions & { readonly reason: string }): void {
  const usual = store ?? purchaseStorePath(process.env);
  const stores = inEach(storesOf(store, usual), ({ budgets }) => budgets.freeze(reason));
  inStore(usual, ({ budgets }) => tell(createOutput(json === true), budgets.stopped(), budgets.list(), stores));
}

function thaw({ store, json }: BudgetOptions): void {
  const usual = store ?? purchaseStorePathIn(process.env);
  const paths = storesOf(store, usual).filter((path) => existsSync(path));
  if (paths.length === 0) throw new SatwayError('PURCHASE_STORE_UNUSABLE', { detail: 'There is none at this place.' });
  const stores = inEach(paths, ({ budgets }) => budgets.thaw());
  const shown = paths[0] ?? usual;
  inStore(shown, ({ budgets }) => {
    // A payment that cost too much is looked at file by file: in the one that is meant, and in no other.
    if (resolve(shown) === resolve(usual)) letBudgetsGoOn(budgets);
    tell(createOutput(json === true), budgets.stopped(), budgets.list(), stores);
  });
}

function letBudgetsGoOn(budgets: PurchaseStore['budgets']): void {
  for (const { budgetId, frozenReason } of budgets.list()) if (frozenReason !== null) budgets.unfreeze(budgetId);
}

/** The one that is meant first. Others may be gone; they are not made anew. */
function storesOf(named: string | undefined, usual: string): string[] {
  if (named !== undefined) return [named];
  const others = knownStores(process.env).filter((path) => path !== resolve(usual) && existsSync(path));
  return [resolve(usual), ...others];
}

/** Every one of them, also where another cannot be opened. @throws what the first of those threw, when all others are done. */
function inEach(paths: readonly string[], use: (store: PurchaseStore) => void): string[] {
  const failures = paths.flatMap((path) => {
    try {
      inStore(path, use);
      return [];
    } catch (cause) {
      return [{ path, cause }];
    }
  });
  const [first] = failures;
  if (first === undefined) return [...paths];
  const detail = `Done for ${paths.length - failures.length} of ${paths.length} files of purchases; not for ${failures.map(({ path }) => path).join(', ')}.`;
  throw new SatwayError('PURCHASE_STORE_UNUSABLE', { detail, cause: first.cause });
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
  stores: readonly string[] = [],
): void {
  output.event({ stopped, budgets, ...(stores.length === 0 ? {} : { stores }) });
  for (const path of stores) output.line(`${stopped === null ? 'Goes on' : 'Stopped'}: ${path}`);
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
