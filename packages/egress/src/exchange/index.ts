export { exchangeOver, parseTarget } from './exchange.js';
export type { ExchangeRequest, ExchangeResponse } from './exchange-types.js';
