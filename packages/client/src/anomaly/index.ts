export type { Anomaly, AnomalyEvent } from './anomaly.js';
export {
  type AnomalyOptions,
  type CheckedAnomaly,
  checkAnomaly,
  type SpendingRateOptions,
  type WebhookOptions,
} from './anomaly-options.js';
export type { HostSpending, SpendingHistory } from './spending-history.js';
export { createSpendingWatch, type SpendingWatch } from './spending-watch.js';
