import { type ErrorCode, SatwayError, type SatwayErrorOptions } from '@satway/base';

/**
 * What `L402Client.fetch` throws on a refusal. `code`, `fundsMoved` and `nextStep` come from the error table; `facts` name the purchase
 * where there is one (`paymentHashHex`, `amountMsat`, `host`, …) and never a secret.
 */
export class L402Error extends SatwayError {
  override readonly name = 'L402Error';

  constructor(code: ErrorCode, options: SatwayErrorOptions = {}) {
    super(code, options);
  }

  /** Keeps code, funds, facts and cause of any other error of ours; what is not ours becomes `INTERNAL`. */
  static from(error: unknown): L402Error {
    if (error instanceof L402Error) return error;
    if (!(error instanceof SatwayError)) return new L402Error('INTERNAL', { cause: error });
    const { detail, fundsMoved, facts } = error;
    return new L402Error(error.code, { cause: error, fundsMoved, facts, ...(detail === undefined ? {} : { detail }) });
  }
}
