export { isPriceModel, type PriceModel } from './price-model.js';
