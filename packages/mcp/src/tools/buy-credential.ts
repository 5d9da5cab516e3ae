import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { SatwayContext } from '../context/index.js';
import { errorResult } from '../output/index.js';
import { MAX_COST_SHAPE, readRequest, REQUEST_SHAPE } from './call-arguments.js';
import { CALL_OUTPUT } from './call-result.js';
import { resumeCall, startCall, type ToolAnswer, waitAndTell } from './run-call.js';
import { startTimeLimit } from './time-limit.js';

const DESCRIPTION = `Buy what an API sells without using it: the credential can be handed to somebody who has no wallet, whole or narrowed with delegate_credential. The request is not sent to the API with the payment.
The token comes as the path of a file, not in the text. Budget, limits and approval are those of call_api.`;

/** `buy_credential`: a purchase that is handed over. */
export function registerBuyCredential(server: McpServer, context: SatwayContext): void {
  server.registerTool(
    'buy_credential',
    {
      title: 'Buy a credential to hand over',
      description: DESCRIPTION,
      inputSchema: z.strictObject({ ...REQUEST_SHAPE, ...MAX_COST_SHAPE }),
      outputSchema: z.object(CALL_OUTPUT),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    },
    async (given, ctx): Promise<ToolAnswer> => {
      try {
        const limit = startTimeLimit(context, ctx);
        const { max_cost_sats: maxCostSats = null, ...wanted } = given;
        const read = await readRequest(context, wanted, limit.signal);
        const request = { ...read, maxCostSats, wants: 'credential' as const };
        const attended = resumeCall(context, ctx) ?? startCall(context, server, request, ctx);
        return await waitAndTell(context, attended, ctx, limit.leftMs());
      } catch (error) {
        return errorResult(error);
      }
    },
  );
}
