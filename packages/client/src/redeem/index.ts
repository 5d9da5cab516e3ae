export { type RedeemContext, type Redeemed, redeem } from './redeem.js';
export { type CachedUse, useCached } from './use-cached.js';
export { refusedAfterPayment, usePurchase } from './use-purchase.js';
export { type JudgedAnswer, judge, retryAfterMs, type Verdict } from './verdict.js';
