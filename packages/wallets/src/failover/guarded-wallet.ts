import { type ErrorCode, isSatwayError, type SatwayError } from '@satway/base';
import {
  BrokenCircuitError,
  CircuitState,
  type CircuitBreakerPolicy,
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';
import type { InvoiceRequest, IssuedInvoice, ReceivingWallet } from '../wallet.js';

/** What says that the wallet fails, and not the request. Another network is a mistake in the configuration that nobody must cover up. */
const FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'WALLET_UNREACHABLE',
  'WALLET_TIMEOUT',
  'WALLET_TLS_MISMATCH',
  'WALLET_ANSWER_INVALID',
  'WALLET_CLOCK_OFF',
  'WALLET_PERMISSION_DENIED',
]);

/** Whether the wallet is to be left alone for a while. */
export function isWalletFailure(error: unknown): error is SatwayError {
  return isSatwayError(error) && FAILURES.has(error.code);
}

/**
 * Whether another wallet may be asked instead. After a refusal too: nodes and the servers in front of them call their own troubles by the words of a refusal (a
 * closed database, a limit of their own), and where it was the request's fault the next wallet says so again. After an invoice that was over when it came as well: where so little time
 * was asked for that seconds between two clocks use it up, the wallet sells all else.
 */
export function mayAskAnother(error: unknown): error is SatwayError {
  return (
    isWalletFailure(error) || isSatwayError(error, 'WALLET_REFUSED') || isSatwayError(error, 'INVOICE_NOT_AS_ASKED')
  );
}

/** What came of asking one wallet. Where its breaker is open it was not asked: the failure is then the one that opened it. */
export type Attempt = { readonly issued: IssuedInvoice } | { readonly failure: SatwayError };

/** One wallet of the list, with its circuit breaker. */
export class GuardedWallet {
  readonly wallet: ReceivingWallet;
  readonly #breaker: CircuitBreakerPolicy;
  #lastFailure: SatwayError | null = null;

  constructor(wallet: ReceivingWallet, failuresToOpen: number, halfOpenAfterMs: number) {
    this.wallet = wallet;
    this.#breaker = circuitBreaker(handleWhen(isWalletFailure), {
      breaker: new ConsecutiveBreaker(failuresToOpen),
      halfOpenAfter: halfOpenAfterMs,
    });
  }

  /** `null` where it never failed. */
  get lastFailure(): SatwayError | null {
    return this.#lastFailure;
  }

  /** Not known to fail. */
  get isClosed(): boolean {
    return this.#breaker.state === CircuitState.Closed;
  }

  /** One call tries it again just now; others would wait for that one. */
  get isOnTrial(): boolean {
    return this.#breaker.state === CircuitState.HalfOpen;
  }

  /**
   * @param accept - takes the invoice, or throws what is wrong with it; that counts for the wallet like what `create` throws.
   * @throws whatever either throws after which no other wallet may be asked.
   */
  async tryToIssue(request: InvoiceRequest, accept: (issued: IssuedInvoice) => void): Promise<Attempt> {
    try {
      return { issued: await this.#breaker.execute(() => this.#issue(request, accept)) };
    } catch (error) {
      if (mayAskAnother(error)) {
        this.#lastFailure = error;
        return { failure: error };
      }
      if (!(error instanceof BrokenCircuitError) || this.#lastFailure === null) throw error;
      return { failure: this.#lastFailure };
    }
  }

  async #issue(request: InvoiceRequest, accept: (issued: IssuedInvoice) => void): Promise<IssuedInvoice> {
    const issued = await this.wallet.create(request);
    accept(issued);
    return issued;
  }
}
