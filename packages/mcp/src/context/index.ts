export { type Money, readMoney } from './money.js';
export {
  type CallRound,
  MCP_BUDGET_ID,
  openSatwayContext,
  type SatwayContext,
  type SatwayContextOptions,
} from './satway-context.js';
