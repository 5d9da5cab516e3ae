export { type CallCost, formatSats, moneyLines } from './money-lines.js';
export { nextStepOf } from './next-steps.js';
export { describeError, errorResult, toolResult } from './tool-result.js';
export { asUntrusted, oneLine, quoted } from './untrusted.js';
