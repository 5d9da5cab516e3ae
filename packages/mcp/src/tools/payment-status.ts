import type { CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { SatwayError } from '@satway/base';
import { z } from 'zod';
import { type Call, paymentOf, waitForCall } from '../calls/index.js';
import { readMoney, type SatwayContext } from '../context/index.js';
import { errorResult, moneyLines, toolResult } from '../output/index.js';
import { withoutSecrets } from '../secrets/index.js';
import { CALL_OUTPUT, callResult } from './call-result.js';
import { describePayment, heldMsat, isPaid, PAYMENT_ROW, type PaymentRow, paymentRow } from './payment-rows.js';
import { tellProgress } from './progress.js';

const inputSchema = z.strictObject({
  id: z
    .string()
    .regex(/^(?:call_[0-9a-f-]{36}|[0-9a-fA-F]{64})$/)
    .describe('A callId, or a paymentId (payment hash).'),
  wait_seconds: z.number().int().min(0).max(50).optional().describe('Wait so long for it to end. Default 0.'),
});

const outputSchema = z.object({
  ...CALL_OUTPUT,
  payment: PAYMENT_ROW.nullable().describe('What the ledger has of its payment.'),
});

const DESCRIPTION = `Tell how far a call or a payment is: the answer of a call that took long, whether a person has allowed it, whether the money left. It pays nothing and allows nothing.
Calls are known while this server runs, payments for good.`;

/** `payment_status`: what became of a call or a payment. */
export function registerPaymentStatus(server: McpServer, context: SatwayContext): void {
  server.registerTool(
    'payment_status',
    {
      title: 'See what became of a call or a payment',
      description: DESCRIPTION,
      inputSchema,
      outputSchema,
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    async ({ id, wait_seconds: waitSeconds = 0 }, ctx): Promise<CallToolResult> => {
      try {
        const call = id.startsWith('call_') ? context.calls.get(id) : context.calls.ofPayment(id.toLowerCase());
        if (call === null) return ofLedger(context, id);
        const stopTelling = tellProgress(call, ctx);
        const { signal } = ctx.mcpReq;
        await waitForCall(call, { withinMs: waitSeconds * 1000, signal, untilWaiting: false });
        stopTelling();
        return ofCall(context, call);
      } catch (error) {
        return errorResult(error);
      }
    },
  );
}

function ofCall(context: SatwayContext, call: Call): CallToolResult {
  const paymentId = paymentOf(call);
  return callResult(context, call, {
    more: { payment: paymentId === null ? null : findPayment(context, paymentId) },
  });
}

/** @throws {SatwayError} `MCP_CALL_UNKNOWN`. */
function ofLedger(context: SatwayContext, id: string): CallToolResult {
  const [purchase] = id.startsWith('call_') ? [] : context.store.journal.findByHash(id);
  if (purchase === undefined) throw new SatwayError('MCP_CALL_UNKNOWN');
  const payment = withoutSecrets(context.secrets, paymentRow(purchase));
  const costMsat = isPaid(payment) ? payment.amountMsat : 0;
  const money = readMoney(context);
  const structured = {
    ...money,
    state: 'recorded',
    callId: null,
    status: null,
    url: payment.url,
    costMsat,
    feeMsat: payment.feeMsat ?? 0,
    heldMsat: heldMsat(purchase),
    joined: false,
    paymentId: payment.paymentId,
    paidBy: null,
    contentType: null,
    body: null,
    bodyBytes: null,
    nextOffset: null,
    file: null,
    parts: [],
    isCut: false,
    quotedMsat: payment.amountMsat,
    approvalId: null,
    credential: null,
    error: null,
    payment,
  };
  return toolResult(`${describePayment(payment)}\n${moneyLines(structured, money)}`, structured);
}

function findPayment({ store, secrets }: SatwayContext, paymentHashHex: string): PaymentRow | null {
  const [purchase] = store.journal.findByHash(paymentHashHex);
  return purchase === undefined ? null : withoutSecrets(secrets, paymentRow(purchase));
}
