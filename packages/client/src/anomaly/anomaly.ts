import type { LimitName } from '../budget/index.js';

/** Something about the spending that somebody should look at. Amounts are millisatoshis, fees included but in prices. */
export type Anomaly =
  /** The first payment ever to this host from this store. */
  | { readonly kind: 'new_host'; readonly host: string; readonly paymentHashHex: string; readonly amountMsat: number }
  /** What was bought before costs another price now. */
  | {
      readonly kind: 'price_changed';
      readonly host: string;
      /** What is sold: an endpoint, else the URL without its query. */
      readonly scope: string;
      readonly paymentHashHex: string;
      /** For one use. */
      readonly previousMsat: number;
      readonly amountMsat: number;
      /** The new price in terms of the old one. */
      readonly factor: number;
    }
  /** More went to this host in the last hour than in any hour before, by far. */
  | {
      readonly kind: 'spending_rate';
      readonly host: string;
      readonly spentMsat: number;
      readonly busiestHourMsat: number;
      readonly factor: number;
    }
  /** A budget, or a limit of it in a stretch of time, is nearly or fully used. */
  | {
      readonly kind: 'budget_nearly_spent' | 'budget_spent';
      readonly budgetId: string;
      readonly limit: LimitName | 'total';
      /** Where the limit is one for a host. */
      readonly host: string | null;
      /** Spent and reserved. */
      readonly usedMsat: number;
      readonly capMsat: number;
    };

/** An anomaly as `onEvent`, log and webhook tell it. Carries no secret. */
export type AnomalyEvent = Anomaly & {
  readonly type: 'anomaly';
  /** The same wherever and however often this one is told. */
  readonly anomalyId: string;
  readonly atMs: number;
};
