import type { McpServer } from '@modelcontextprotocol/server';
import type { Purchase } from '@satway/client';
import { z } from 'zod';
import type { SatwayContext } from '../context/index.js';
import { errorResult, formatSats, toolResult } from '../output/index.js';

const msat = z.number().int().nonnegative();
const DAY_MS = 24 * 3_600_000;
/** How many payments one report adds up at most. */
const MAX_PAYMENTS = 10_000;
const PAGE = 1_000;

const PERIODS = ['session', 'day', 'week', 'month', 'all'] as const;

const outputSchema = z.object({
  period: z.enum(PERIODS),
  since: z.string().nullable(),
  payments: z.number().int(),
  spentMsat: msat.describe('Fees included.'),
  feesMsat: msat,
  hosts: z
    .array(z.object({ host: z.string(), payments: z.number().int(), spentMsat: msat }))
    .describe('Dearest first.'),
  isWhole: z.boolean().describe('false: there were more payments than a report adds up.'),
});
type Report = z.infer<typeof outputSchema>;

/** `spending_report`: what was paid to whom. */
export function registerSpendingReport(server: McpServer, context: SatwayContext): void {
  server.registerTool(
    'spending_report',
    {
      title: 'Report the spending',
      description:
        'Add up what was paid in a period, by seller. session: since this server started, by whatever process; day, week, month: the last 1, 7, 30 days.',
      inputSchema: z.strictObject({ period: z.enum(PERIODS).optional().describe('Default day.') }),
      outputSchema,
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    ({ period = 'day' }) => {
      try {
        const sinceMs = sinceOf(period, context.startedAtMs, context.nowMs());
        const report = addUp(period, sinceMs, paidSince(context, sinceMs ?? 0));
        return toolResult(describe(report), report);
      } catch (error) {
        return errorResult(error);
      }
    },
  );
}

function sinceOf(period: Report['period'], startedAtMs: number, nowMs: number): number | null {
  const days = { day: 1, week: 7, month: 30 };
  if (period === 'all') return null;
  return period === 'session' ? startedAtMs : nowMs - days[period] * DAY_MS;
}

function paidSince({ store }: SatwayContext, paidSinceMs: number): Purchase[] {
  const found: Purchase[] = [];
  for (;;) {
    const after = found.at(-1);
    const page = store.journal.search({ paidSinceMs, limit: PAGE, ...(after === undefined ? {} : { after }) });
    found.push(...page);
    if (page.length < PAGE || found.length >= MAX_PAYMENTS) return found;
  }
}

function addUp(period: Report['period'], sinceMs: number | null, purchases: readonly Purchase[]): Report {
  const hosts = new Map<string, { payments: number; spentMsat: number }>();
  for (const { origin, amountMsat, feeMsat } of purchases) {
    const { host } = new URL(origin);
    const { payments, spentMsat } = hosts.get(host) ?? { payments: 0, spentMsat: 0 };
    hosts.set(host, { payments: payments + 1, spentMsat: spentMsat + amountMsat + (feeMsat ?? 0) });
  }
  const rows = [...hosts].map(([host, sums]) => ({ host, ...sums })).sort((a, b) => b.spentMsat - a.spentMsat);
  return {
    period,
    since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
    payments: purchases.length,
    spentMsat: rows.reduce((sum, { spentMsat }) => sum + spentMsat, 0),
    feesMsat: purchases.reduce((sum, { feeMsat }) => sum + (feeMsat ?? 0), 0),
    hosts: rows.slice(0, 100),
    isWhole: purchases.length < MAX_PAYMENTS,
  };
}

function describe({ since, payments, spentMsat, feesMsat, hosts }: Report): string {
  return [
    `${payments} payments${since === null ? '' : ` since ${since}`}: ${formatSats(spentMsat)}, of which ${formatSats(feesMsat)} in fees.`,
    ...hosts.map((each) => `${each.host}: ${each.payments} payments, ${formatSats(each.spentMsat)}`),
  ].join('\n');
}
