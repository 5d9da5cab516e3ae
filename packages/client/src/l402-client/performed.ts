import type { PaymentFacts } from './options.js';

/** A call that got its answer. `payment` is `null` where the answer was free. */
export interface Performed {
  readonly response: Response;
  readonly payment: PaymentFacts | null;
}
