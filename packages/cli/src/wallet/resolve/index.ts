export { decide } from './decide.js';
export { resolvedAsJson, resolvedAsLines } from './describe.js';
export { type Examined, examine, type ResolveParts } from './examine.js';
