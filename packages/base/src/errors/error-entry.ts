/** Whether money left the payer's wallet when this error is seen. */
export type FundsMoved = 'no' | 'yes' | 'unknown';

/** One row of the error table. Codes are stable and never reused for another meaning. */
export interface ErrorEntry {
  /** One sentence for a person; carries no secret and no caller's value. */
  readonly message: string;
  /** Status with which the error crosses HTTP; `null` where it never does. */
  readonly httpStatus: number | null;
  readonly fundsMoved: FundsMoved;
  /** What to do next, as an instruction. */
  readonly nextStep: string;
}
