export { formatSats, moneyLines } from './money-lines.js';
export { describeError, errorResult, toolResult } from './tool-result.js';
export { asUntrusted, quoted } from './untrusted.js';
