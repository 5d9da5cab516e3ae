export { readBudget } from './budget-status.js';
export { paymentRow } from './payment-rows.js';
export { registerTools } from './register-tools.js';
