export { openPurchaseStore, type PurchaseStore, type PurchaseStoreOptions } from './purchase-store.js';
export { purchaseStorePathIn, satwayHome } from './satway-home.js';
