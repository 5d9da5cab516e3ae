import type { ErrorCode } from '@satway/base';

/** What can be done, where the table of errors speaks to who writes a program: a model raises nothing, its user may. */
const NEXT_STEPS: Partial<Record<ErrorCode, string>> = {
  PRICE_ABOVE_LIMIT: 'Call again with a higher max_cost_sats if the answer is worth it to the user.',
  BUDGET_EXHAUSTED:
    'Tell the user: only they can raise BUDGET_SATS, in the settings of this server. payment_status tells what becomes of payments that are not decided yet.',
  SPENDING_LIMIT_REACHED:
    'Wait until the limit that is named leaves room again (budget_status). Only the user can raise it: MAX_SPEND_PER_MINUTE_SATS and MAX_SPEND_PER_DAY_SATS in the settings of this server.',
  CALL_BODY_TOO_LARGE: 'Send less.',
};

/** What a model is told to do about a failure. */
export function nextStepOf({ code, nextStep }: { readonly code: ErrorCode; readonly nextStep: string }): string {
  return NEXT_STEPS[code] ?? nextStep;
}
