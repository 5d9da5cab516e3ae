export { type Link, openLink } from './link.js';
export { type LnbitsInstance, type LnbitsWallet, startLnbits } from './lnbits-instance.js';
export { becomeOperator } from './operator.js';
export { payInAProcess } from './pay-in-a-process.js';
export { startReplyHolder } from './reply-holder.js';
