export { type Bought, boughtBy, buy, payAndKeep, paymentError } from './buy.js';
