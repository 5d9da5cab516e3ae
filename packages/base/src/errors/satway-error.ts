import type { FundsMoved } from './error-entry.js';
import { type ErrorCode, errorTable } from './error-table.js';

/** What a thrower may add to the table's row. Nothing here may hold a secret. */
export interface SatwayErrorOptions {
  /** Appended to the table's message; say which thing, never its secret. */
  readonly detail?: string;
  readonly cause?: unknown;
  /** Where the table says `unknown` in general and this case is known. */
  readonly fundsMoved?: FundsMoved;
  /** Public facts for programs, such as `{ paymentHashHex, amountMsat }`. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
}

/**
 * The one error class that leaves a room. Callers branch on `code`, never on the text.
 *
 * `code`, `httpStatus`, `fundsMoved` and `nextStep` come from the error table.
 */
export class SatwayError extends Error {
  override readonly name: string = 'SatwayError';
  readonly code: ErrorCode;
  readonly httpStatus: number | null;
  readonly fundsMoved: FundsMoved;
  readonly nextStep: string;
  readonly detail: string | undefined;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;

  constructor(code: ErrorCode, options: SatwayErrorOptions = {}) {
    const entry = errorTable[code];
    super(options.detail === undefined ? entry.message : `${entry.message} ${options.detail}`, {
      cause: options.cause,
    });
    this.code = code;
    this.httpStatus = entry.httpStatus;
    this.fundsMoved = options.fundsMoved ?? entry.fundsMoved;
    this.nextStep = entry.nextStep;
    this.detail = options.detail;
    this.facts = options.facts ?? {};
  }

  /** The form in which the error is printed as JSON; without cause and stack. */
  toJSON(): Record<string, unknown> {
    const { code, message, fundsMoved, nextStep, facts } = this;
    return { code, message, fundsMoved, nextStep, ...facts };
  }
}

/** Whether a caught value is one of this project's own errors, with that code where one is given. */
export function isSatwayError(value: unknown, code?: ErrorCode): value is SatwayError {
  return value instanceof SatwayError && (code === undefined || value.code === code);
}
