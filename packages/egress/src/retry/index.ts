export { repeatExchange } from './repeat-exchange.js';
