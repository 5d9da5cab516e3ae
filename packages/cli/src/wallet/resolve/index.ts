export { type AskedWallets, whileStillOpen, withAskedWallets } from './asked-wallet.js';
export { decide, whoIsHere } from './decide.js';
export { decideDirect, type DirectParts, type ExaminedDirect, examineDirect } from './direct.js';
export { directAsJson, directAsLines, resolvedAsJson, resolvedAsLines } from './describe.js';
export { type Examined, examine, type ResolveParts } from './examine.js';
