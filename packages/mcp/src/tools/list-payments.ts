import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { SatwayContext } from '../context/index.js';
import { fitting, MAX_LISTED_BYTES } from '../limits/index.js';
import { errorResult, toolResult } from '../output/index.js';
import { withoutSecrets } from '../secrets/index.js';
import { describePayment, PAYMENT_ROW, paymentRow } from './payment-rows.js';

const inputSchema = z.strictObject({
  state: z.enum(['paid', 'unknown', 'failed']).optional().describe('Only those that stand so. Default: all.'),
  host: z.string().max(260).optional().describe('Only those to this host, or host:port.'),
  since: z.iso.datetime({ offset: true }).optional().describe('Only those begun at this time (ISO 8601) or later.'),
  limit: z.number().int().min(1).max(100).optional().describe('Default 20.'),
});

const STATES = {
  paid: ['settled', 'redeeming', 'redeemed'],
  unknown: ['unknown', 'sending'],
  failed: ['failed'],
} as const;

/** `list_payments`: the newest of the ledger. */
export function registerListPayments(server: McpServer, context: SatwayContext): void {
  server.registerTool(
    'list_payments',
    {
      title: 'List payments',
      description:
        'List the newest payments of this wallet’s ledger, whatever process made them: what, to whom, how much, and how it ended.',
      inputSchema,
      outputSchema: z.object({ payments: z.array(PAYMENT_ROW) }),
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    ({ state, host, since, limit = 20 }) => {
      try {
        const found = context.store.journal.search({
          limit,
          ...(state === undefined ? {} : { states: STATES[state] }),
          ...(host === undefined ? {} : { host }),
          ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
        });
        const rows = withoutSecrets(context.secrets, found.map(paymentRow));
        const payments = fitting(rows, MAX_LISTED_BYTES);
        const lines = payments.length === 0 ? ['There are none.'] : payments.map(describePayment);
        if (payments.length < found.length)
          lines.push(`${found.length - payments.length} more are too long to be shown.`);
        return toolResult(lines.join('\n'), { payments });
      } catch (error) {
        return errorResult(error);
      }
    },
  );
}
