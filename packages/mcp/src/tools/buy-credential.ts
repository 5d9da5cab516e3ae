import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { CallRequest } from '../calls/index.js';
import type { SatwayContext } from '../context/index.js';
import { errorResult } from '../output/index.js';
import { MAX_COST_SHAPE, readRequest, REQUEST_SHAPE } from './call-arguments.js';
import { CALL_OUTPUT } from './call-result.js';
import { resumeCall, startCall, type ToolAnswer, waitAndTell } from './run-call.js';
import { startTimeLimit } from './time-limit.js';

const inputSchema = z.strictObject({ ...REQUEST_SHAPE, ...MAX_COST_SHAPE });

const DESCRIPTION = `Buy what an API sells without using it: the credential can be handed to somebody who has no wallet, whole or narrowed with delegate_credential. The request is not sent to the API with the payment.
The token comes as the path of a file, not in the text. Budget, limits and approval are those of call_api.`;

/** `buy_credential`: a purchase that is handed over. */
export function registerBuyCredential(server: McpServer, context: SatwayContext): void {
  server.registerTool(
    'buy_credential',
    {
      title: 'Buy a credential to hand over',
      description: DESCRIPTION,
      inputSchema,
      outputSchema: z.object(CALL_OUTPUT),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    },
    async (given, ctx): Promise<ToolAnswer> => {
      try {
        const limit = startTimeLimit(context, ctx);
        // First: whoever comes back with a person's answer has said already what to buy, and the answer must not be lost.
        const attended =
          resumeCall(context, ctx) ?? startCall(context, server, await readPurchase(context, given, limit.signal), ctx);
        return await waitAndTell(context, attended, ctx, limit.leftMs());
      } catch (error) {
        return errorResult(error);
      }
    },
  );
}

async function readPurchase(
  context: SatwayContext,
  { max_cost_sats: maxCostSats, ...wanted }: z.infer<typeof inputSchema>,
  signal: AbortSignal,
): Promise<CallRequest> {
  return { ...(await readRequest(context, wanted, signal)), maxCostSats: maxCostSats ?? null, wants: 'credential' };
}
