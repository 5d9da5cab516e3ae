export { openPurchaseStore, type PurchaseStore, type PurchaseStoreOptions } from './purchase-store.js';
