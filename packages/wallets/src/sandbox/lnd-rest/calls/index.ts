import type { LndRoute } from './call.js';
import { addInvoiceCall, cancelInvoiceCall, lookUpInvoiceCall, subscribeInvoicesCall } from './invoice-calls.js';
import { balanceCall, channelsCall, decodeCall, infoCall, listPaymentsCall, stateCall } from './node-calls.js';
import { sendPaymentCall, trackPaymentCall } from './send-calls.js';
import { transactionsCall } from './transactions-call.js';

export type { Call, LndRoute } from './call.js';
export { METHOD_NOT_ALLOWED, NOT_FOUND } from './node-calls.js';

/** Every call of LND's that the sandbox answers. */
export const LND_ROUTES: readonly LndRoute[] = [
  addInvoiceCall,
  lookUpInvoiceCall,
  subscribeInvoicesCall,
  cancelInvoiceCall,
  decodeCall,
  sendPaymentCall,
  trackPaymentCall,
  transactionsCall,
  listPaymentsCall,
  infoCall,
  balanceCall,
  channelsCall,
  stateCall,
];
