import type { McpServer } from '@modelcontextprotocol/server';
import type { SatwayContext } from '../context/index.js';
import { registerBudgetStatus } from './budget-status.js';
import { registerBuyCredential } from './buy-credential.js';
import { registerCallApi } from './call-api.js';
import { registerDelegateCredential } from './delegate-credential.js';
import { registerCallMcpTool } from './call-mcp-tool.js';
import { registerGetApiDetails } from './get-api-details.js';
import { registerListMcpTools } from './list-mcp-tools.js';
import { registerListPayments } from './list-payments.js';
import { registerPaymentStatus } from './payment-status.js';
import { previewPartsOf, registerPreviewCost } from './preview-cost.js';
import { registerReadAnswer } from './read-answer.js';
import { registerSearchApis } from './search-apis.js';
import { registerSpendingReport } from './spending-report.js';

/** Every tool of the server. None of them takes or returns anything by which a payment could be allowed. */
export function registerTools(server: McpServer, context: SatwayContext): void {
  registerCallApi(server, context);
  registerPreviewCost(server, previewPartsOf(context));
  registerSearchApis(server, context);
  registerGetApiDetails(server, context);
  registerBuyCredential(server, context);
  registerDelegateCredential(server, context);
  registerPaymentStatus(server, context);
  registerReadAnswer(server, context);
  registerBudgetStatus(server, context);
  registerSpendingReport(server, context);
  registerListPayments(server, context);
  if (context.upstreams.names.length === 0) return;
  registerListMcpTools(server, context);
  registerCallMcpTool(server, context);
}
