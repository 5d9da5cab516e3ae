export { toResponse } from './answer.js';
export { bodyDigestAt, type Call, type CallInput, readCall, type Target, targetOf } from './call.js';
export type { Hop } from './redirect.js';
export { type Authorization, followRedirects, type Sender, type Sent, sendOnce } from './send.js';
