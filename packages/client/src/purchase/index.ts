export { type Bought, boughtBy, buy, paymentError } from './buy.js';
export { isExpiring } from './expiring.js';
export { allowSendingAgain, sendAgain } from './send-again.js';
