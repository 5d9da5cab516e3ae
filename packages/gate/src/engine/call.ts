import type { CompleteEndpoint } from '../routes/index.js';
import type { RequestFacts } from './decision.js';

/** One request on its way through the engine: what was found out about it so far. */
export class Call {
  readonly facts: RequestFacts;
  readonly endpoint: CompleteEndpoint;
  readonly nowMs: number;
  /** The caller's address as limits count it. */
  readonly scope: string;
  readonly idempotencyKey: string | null;
  /** Whether a credential came with it, good or bad. */
  readonly presented: boolean;
  #bodySha256Hex: Promise<string> | null = null;

  constructor(
    facts: RequestFacts,
    endpoint: CompleteEndpoint,
    found: { nowMs: number; scope: string; idempotencyKey: string | null; presented: boolean },
  ) {
    this.facts = facts;
    this.endpoint = endpoint;
    this.nowMs = found.nowMs;
    this.scope = found.scope;
    this.idempotencyKey = found.idempotencyKey;
    this.presented = found.presented;
  }

  /** Path and query as they are forwarded. */
  get url(): string {
    const { path, query } = this.facts;
    return query === '' ? path.forward : `${path.forward}?${query}`;
  }

  /**
   * Asks the shell once, and only when something depends on the body.
   *
   * @param keepBody - whether the call can still be let through; the first to ask decides.
   */
  bodySha256Hex(keepBody: boolean): Promise<string> {
    this.#bodySha256Hex ??= this.facts.readBodyDigest({ keepBody });
    return this.#bodySha256Hex;
  }
}
