import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { readMoney, type SatwayContext, WALLET_STATES } from '../context/index.js';
import { errorResult, formatSats, toolResult } from '../output/index.js';

const msat = z.number().int().nonnegative();

const BUDGET = z.object({
  budgetMsat: msat.nullable().describe('All that may ever be spent; null where only limits in time hold.'),
  spentMsat: msat,
  reservedMsat: msat.describe('For payments that are not decided yet.'),
  remainingMsat: msat,
  spendableNowMsat: msat,
  sessionSpentMsat: msat,
  sessionReservedMsat: msat,
  autoPayMsat: msat.describe('Above this a person is asked.'),
  limits: z.array(z.object({ limit: z.string(), capMsat: msat, usedMsat: msat, remainingMsat: msat })),
  stopped: z.string().nullable().describe('Why nothing is spent at the moment; null where spending is allowed.'),
  wallet: z
    .enum(WALLET_STATES)
    .describe('low: the user should fill it up soon; unreachable: nothing can be paid until it answers again.'),
  unresolvedPayments: z.number().int().describe('Payments of which nobody knows yet whether they went through.'),
});
export type BudgetFacts = z.infer<typeof BUDGET>;

/** Where budget and limits stand. */
export function readBudget(context: SatwayContext): BudgetFacts {
  const { client, settings, store } = context;
  const { capMsat, spentMsat, reservedMsat, frozenReason, limits } = client.budget();
  return {
    budgetMsat: capMsat,
    spentMsat,
    reservedMsat,
    ...readMoney(context),
    autoPayMsat: settings.maxAutoPaySats * 1000,
    limits: limits.map(({ limit, capMsat: cap, usedMsat }) => ({
      limit,
      capMsat: cap,
      usedMsat,
      remainingMsat: Math.max(0, cap - usedMsat),
    })),
    stopped: store.budgets.stopped()?.reason ?? frozenReason,
    wallet: context.walletState(),
    unresolvedPayments: store.journal.listUnresolved().length,
  };
}

/** `budget_status`: what may still be spent. */
export function registerBudgetStatus(server: McpServer, context: SatwayContext): void {
  server.registerTool(
    'budget_status',
    {
      title: 'See the budget',
      description:
        'Tell what was spent, what is left, every limit, and whether spending is stopped. No tool can raise a limit: only the user can, outside of this conversation.',
      inputSchema: z.strictObject({}),
      outputSchema: BUDGET,
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    () => {
      try {
        const facts = readBudget(context);
        return toolResult(describe(facts), facts);
      } catch (error) {
        return errorResult(error);
      }
    },
  );
}

const WALLET_LINES: Partial<Record<BudgetFacts['wallet'], readonly string[]>> = {
  low: ['The wallet runs low: the user should fill it up.'],
  unreachable: [
    'The wallet does not answer, or does not take its credential: nothing can be paid until the user has mended that.',
  ],
};

function describe(facts: BudgetFacts): string {
  const of = facts.budgetMsat === null ? '' : ` of ${formatSats(facts.budgetMsat)}`;
  return [
    ...(facts.stopped === null ? [] : [`All spending is stopped: ${facts.stopped}`]),
    ...(WALLET_LINES[facts.wallet] ?? []),
    `Spent ${formatSats(facts.spentMsat)}${of}; reserved ${formatSats(facts.reservedMsat)}.`,
    ...facts.limits.map(
      ({ limit, usedMsat, capMsat }) => `${limit}: ${formatSats(usedMsat)} of ${formatSats(capMsat)}`,
    ),
    `Above ${formatSats(facts.autoPayMsat)} per call a person is asked.`,
    `Session spending: ${formatSats(facts.sessionSpentMsat)} | Remaining budget: ${formatSats(facts.remainingMsat)}`,
  ].join('\n');
}
