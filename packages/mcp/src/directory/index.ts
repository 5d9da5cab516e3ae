export { sellerOf } from './seller-of.js';
