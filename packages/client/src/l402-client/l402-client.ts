import { randomUUID } from 'node:crypto';
import type { ErrorCode, FundsMoved } from '@satway/base';
import { addressPolicyFromEnvironment, createEgress, type Egress } from '@satway/egress';
import type { BudgetState, LimitState } from '../budget/index.js';
import { type Call, type CallInput, readCall } from '../call/index.js';
import { leavingEarly, type ObtainedCredential, obtain } from '../delegation/index.js';
import { withoutApprover } from '../hooks/index.js';
import { namesOf, refuseUnknownOptions } from '../option-checks/index.js';
import { type PricedToolCall, performTool, type ToolAnswer, type ToolPerformed } from '../priced-tools/index.js';
import { type RecoveryReport, recover } from '../recovery/index.js';
import { bothApprove, type CallTerms, createCallTerms, narrowed, readTerms } from './call-terms.js';
import { checkOptions } from './check-options.js';
import type { ClientContext } from './context.js';
import { createKeyedLocks } from './keyed-locks.js';
import { L402Error } from './l402-error.js';
import { refuseMisplaced, refuseUnknownInSubClient } from './known-options.js';
import type { L402ClientOptions, PaymentFacts, PerCallOptions, SubClientOptions } from './options.js';
import { perform } from './perform.js';
import type { Performed } from './performed.js';
import { createSharedCalls } from './shared-calls.js';
import { watchSpending } from './watch-spending.js';
import { watchWallet } from './watch-wallet.js';

/** What `tryFetch` answers: the response and what it cost, or the refusal as a value. */
export type TryFetchResult =
  | { readonly ok: true; readonly response: Response; readonly payment: PaymentFacts | null }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      readonly fundsMoved: FundsMoved;
      readonly nextStep: string;
      readonly error: L402Error;
    };

/** How one tool call is made, beside what it may cost. */
interface ToolCallOptions {
  readonly signal?: AbortSignal | null;
}

const OF_TOOL_CALL = namesOf<keyof ToolCallOptions>({ signal: true });

/** How long `close()` waits for work that goes on. */
const CLOSE_PATIENCE_MS = 70_000;

/**
 * A `fetch` that pays for what it is asked to pay for, inside limits that hold.
 *
 * Every purchase is written to the store before the wallet is asked, so that a process that dies at any instruction neither pays twice nor loses what it
 * paid for. Caps when nothing is configured, fees included: 100 sats per request, 1,000 per host and day, 5,000 per day.
 */
export class L402Client {
  readonly #options: L402ClientOptions;
  readonly #egress: Egress;
  readonly #context: ClientContext;
  readonly #capId: string;
  readonly #closeEgress: () => Promise<void>;
  readonly #stopWatch: () => void;
  readonly #closeSpendingWatch: () => Promise<void>;
  readonly #calls = createSharedCalls();
  readonly #working = new Set<Promise<unknown>>();
  #recovery: Promise<RecoveryReport> | null = null;
  #closed = false;

  /** @throws {SatwayError} `CLIENT_OPTIONS_INVALID`, `AMOUNT_OUT_OF_RANGE`, `EGRESS_HOSTS_INVALID`, `PURCHASE_STORE_FAILED`. */
  constructor(options: L402ClientOptions, parent: ClientContext | null = null) {
    const { budgetMsat, exchangeTimeoutMs, hopTimeoutMs, maxResponseBytes, watch, anomaly, ...checked } =
      checkOptions(options);
    const egress = options.egress ?? openEgress(options);
    this.#options = options;
    this.#egress = egress;
    this.#closeEgress = options.egress === undefined ? () => egress.close() : async () => undefined;
    const within = { ...checked, ...withinParent(checked, parent) };
    this.#context = {
      ...within,
      ...watchSpending({ ...within, anomaly, egress }, parent),
      sender: { egress, exchangeTimeoutMs, hopTimeoutMs, maxResponseBytes },
      locks: createKeyedLocks(),
      keepAlive: (work) => this.#keepAlive(work),
    };
    this.#capId = options.store.budgets.registerCap(checked.budgetId, budgetMsat, parent?.budgetId);
    this.#stopWatch = watchWallet({ ...checked, watch }, options);
    this.#closeSpendingWatch = async () => (parent === null ? this.#context.spendingWatch?.close() : undefined);
  }

  /**
   * Like the platform's `fetch`: takes a `Request`, a `URL` or a string, and returns a `Response` whose body streams.
   *
   * An `Idempotency-Key` header of the caller's names one logical call: repeats share its purchase, in this process also its answer. Without one, each call
   * is its own, except that it takes up what an earlier call of the same thing paid for and did not finish. `init.signal` ends the waiting; a payment under
   * way is finished in the background and kept for the next call.
   *
   * @param perCall - narrows what this call may do. Callers that share a call are held to the narrowest of them; who comes when more is reserved already
   * than it allows is refused, and goes without the answer.
   * @throws {L402Error} on every refusal and failure; branch on `code`, look at `fundsMoved`.
   */
  async fetch(input: CallInput, init?: RequestInit, perCall?: PerCallOptions): Promise<Response> {
    return (await this.#fetch(input, init, perCall)).response;
  }

  /** The same, with refusals as values. Never throws. */
  async tryFetch(input: CallInput, init?: RequestInit, perCall?: PerCallOptions): Promise<TryFetchResult> {
    try {
      return { ok: true, ...(await this.#fetch(input, init, perCall)) };
    } catch (thrown) {
      const error = L402Error.from(thrown);
      const { code, message, fundsMoved, nextStep } = error;
      return { ok: false, code, message, fundsMoved, nextStep, error };
    }
  }

  /**
   * Buys a credential without using it, to be handed to somebody who has no wallet; see `delegate` and `fetchWithCredential`. Limits, approval and journal are those of
   * `fetch`. An `Idempotency-Key` of the caller's names what is bought: again with it, the same credential comes back, and nothing more is paid. Without one, what an
   * earlier call of the same thing paid for and did not use comes first. An abort loses no payment: it is kept for the next call.
   *
   * @throws {L402Error} `NOTHING_TO_OBTAIN`, `CREDENTIAL_EXPIRED`, and as `fetch` up to the payment.
   */
  async obtain(input: CallInput, init?: RequestInit, perCall?: PerCallOptions): Promise<ObtainedCredential> {
    try {
      if (this.#closed) throw new L402Error('CLIENT_CLOSED');
      refuseMisplaced(init);
      const context = narrowed(this.#context, createCallTerms(readTerms(perCall)));
      const call = await readCall(input, init, { random: context.random, maxBodyBytes: context.maxRequestBodyBytes });
      const signal = init?.signal ?? (input instanceof Request ? input.signal : null);
      const steps = async (shared: AbortSignal) => {
        await this.#recoverOnce();
        return obtain(context, call, shared);
      };
      return await leavingEarly(signal, (shared) => this.#keepAlive(steps(shared)));
    } catch (error) {
      throw L402Error.from(error);
    }
  }

  /**
   * Calls a tool of an MCP server, and pays where its result asks for payment: the price of a priced tool stands in the `_meta` of a result that is an error. Checks,
   * journal, budget, approval and the cache of credentials are those of `fetch`. `options.signal` ends the waiting and loses no payment.
   *
   * @throws {L402Error} as `fetch`. What `tool.call` rejects with before anything is paid comes out as `L402Error.from` it.
   */
  async callTool<R extends ToolAnswer>(
    tool: PricedToolCall<R>,
    options: ToolCallOptions = {},
    perCall?: PerCallOptions,
  ): Promise<ToolPerformed<R>> {
    try {
      if (this.#closed) throw new L402Error('CLIENT_CLOSED');
      refuseUnknownOptions({ path: '', given: options, known: OF_TOOL_CALL });
      const { signal = null } = options;
      const context = narrowed(this.#context, createCallTerms(readTerms(perCall)));
      const steps = async (shared: AbortSignal) => {
        await this.#recoverOnce();
        return performTool(context, tool, shared);
      };
      return await leavingEarly(signal, (shared) => this.#keepAlive(steps(shared)));
    } catch (error) {
      throw L402Error.from(error);
    }
  }

  /**
   * Resolves what earlier processes of this wallet left unfinished; the first `fetch` runs it by itself. Asks the wallet only, never a seller, and pays nothing.
   *
   * @throws {L402Error} `PURCHASE_STORE_FAILED`, `CLIENT_CLOSED`.
   */
  async recover(): Promise<RecoveryReport> {
    return recover(this.#context).catch((error: unknown) => {
      throw L402Error.from(error);
    });
  }

  /** Where this client's budget stands, and the limits in stretches of time that bind it, those of the budgets above it included. */
  budget(): BudgetState & { readonly limits: readonly (LimitState & { readonly budgetId: string })[] } {
    const { store, budgetId, spendingLimits } = this.#context;
    const limits = spendingLimits.flatMap((each) =>
      store.budgets.limitStates(each).map((state) => ({ ...state, budgetId: each.budgetId })),
    );
    return { ...store.budgets.state(budgetId), limits };
  }

  /**
   * A client with a budget that is part of this one's: what it spends is spent here as well, so that all sub-clients together never pass what this client
   * may spend. It shares wallet, store and the door out; close it before this one, without which it may spend nothing.
   *
   * @throws {SatwayError} as the constructor; `BUDGET_PARENT_CONFLICT`.
   */
  subClient(options: SubClientOptions): L402Client {
    if (this.#closed) throw new L402Error('CLIENT_CLOSED');
    refuseUnknownInSubClient(options);
    const { budgetId = `${this.#context.budgetId}/${randomUUID()}`, ...own } = options;
    // The approver is asked as the parent's; the wallet is watched by the parent, once.
    const { approve: _approve, watch: _watch, ...shared } = this.#options;
    const hooks = own.hooks ?? withoutApprover(shared.hooks ?? {});
    const limits = { perDaySats: 'off', perHostAndDaySats: 'off', ...own.limits } as const;
    return new L402Client({ ...shared, ...own, hooks, limits, budgetId, egress: this.#egress }, this.#context);
  }

  /** Ends the watches, waits for purchases under way, takes this client's cap out of the store, and closes its own connections. The store stays open. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopWatch();
    await this.#finishWork();
    this.#context.spendingWatch?.look();
    this.#context.store.budgets.dropCap(this.#capId);
    await this.#closeSpendingWatch();
    await this.#closeEgress();
  }

  /** A wallet that never answers must not keep a program from ending; its payment is looked up at the next start. */
  async #finishWork(): Promise<void> {
    const done = new AbortController();
    const patience = this.#context.clock.sleep(CLOSE_PATIENCE_MS, done.signal);
    const ended = async () => {
      while (this.#working.size > 0) await Promise.allSettled(this.#working);
    };
    await Promise.race([ended(), patience]);
    done.abort();
  }

  async #fetch(
    input: CallInput,
    init: RequestInit | undefined,
    perCall: PerCallOptions | undefined,
  ): Promise<Performed> {
    try {
      if (this.#closed) throw new L402Error('CLIENT_CLOSED');
      refuseMisplaced(init);
      const { random, maxRequestBodyBytes } = this.#context;
      const terms = readTerms(perCall);
      const call = await readCall(input, init, { random, maxBodyBytes: maxRequestBodyBytes });
      const signal = init?.signal ?? (input instanceof Request ? input.signal : null);
      const work = (left: AbortSignal, all: CallTerms) => this.#keepAlive(this.#perform(call, left, all));
      return await this.#calls.run(call, signal, work, terms);
    } catch (error) {
      throw L402Error.from(error);
    }
  }

  async #perform(call: Call, signal: AbortSignal, terms: CallTerms): Promise<Performed> {
    await this.#recoverOnce();
    return perform(narrowed(this.#context, terms), call, signal);
  }

  /** Shared by the calls that come first; when it fails, the next call tries again. */
  #recoverOnce(): Promise<RecoveryReport> {
    this.#recovery ??= recover(this.#context).catch((error: unknown) => {
      this.#recovery = null;
      throw error;
    });
    return this.#recovery;
  }

  #keepAlive<T>(work: Promise<T>): Promise<T> {
    this.#working.add(work);
    this.#context.spendingWatch?.callStarted();
    const forget = (error: unknown) => {
      this.#working.delete(work);
      this.#context.spendingWatch?.callEnded(error, this.#context.spendingLimits);
    };
    work.then(() => forget(null), forget);
    return work;
  }
}

/** What a parent refuses, nobody below it does. */
function withinParent(
  own: Pick<ClientContext, 'spendingLimits' | 'admitsHost' | 'admitsPayee' | 'maxPerRequestMsat' | 'approve'>,
  parent: ClientContext | null,
): Partial<ClientContext> {
  if (parent === null) return {};
  return {
    spendingLimits: [...own.spendingLimits, ...parent.spendingLimits],
    admitsHost: (host) => own.admitsHost(host) && parent.admitsHost(host),
    admitsPayee: (payeeHex) => own.admitsPayee(payeeHex) && parent.admitsPayee(payeeHex),
    maxPerRequestMsat: Math.min(own.maxPerRequestMsat, parent.maxPerRequestMsat),
    approve: bothApprove(own.approve, parent.approve),
  };
}

function openEgress({ allowHosts = [] }: L402ClientOptions): Egress {
  const policy = addressPolicyFromEnvironment(process.env);
  return createEgress({ ...policy, allowHosts: [...(policy.allowHosts ?? []), ...allowHosts] });
}
