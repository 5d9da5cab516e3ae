export { OpenInvoices } from './open-invoices.js';
export { RetryPause } from './retry-pause.js';
