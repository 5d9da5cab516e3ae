import { afterPaymentCases } from './after-payment.mjs';
import { agentCases } from './agents.mjs';
import { challengeCases } from './challenges.mjs';
import { credentialAndNameCases } from './credentials.mjs';
import { invoiceCases } from './invoices.mjs';
import { priceCases } from './prices.mjs';
import { redirectCases } from './redirects.mjs';
import { sessionCases } from './sessions.mjs';
import { toolCases } from './tools.mjs';
import { walletCases } from './wallets.mjs';

/**
 * Every case: its name, what was approved, how the client's call must end, and what a naive buyer is caught at (`null`: at nothing, since the case costs
 * its buyer time and no money).
 */
export const hostileCases = [
  ...priceCases,
  ...invoiceCases,
  ...challengeCases,
  ...afterPaymentCases,
  ...redirectCases,
  ...credentialAndNameCases,
  ...sessionCases,
  ...walletCases,
  ...agentCases,
  ...toolCases,
];
