/** What a call of an endpoint costs. */
export type Price =
  | { readonly model: 'free' }
  /** One payment of `priceMsat` buys `uses` calls. Both positive safe integers; `uses` at most 2³²-1. */
  | { readonly model: 'per_request'; readonly priceMsat: number; readonly uses: number };

/** One thing that a tenant offers under one method and one path. */
export interface Endpoint {
  /** `[a-z0-9-]{1,64}`; never given twice, not even after the endpoint is gone: credentials name it. */
  readonly id: string;
  /** Upper case. A `GET` endpoint also answers `HEAD`, at the same price. */
  readonly method: string;
  /** `/v1/forecast/:city`: literal segments and `:name` for one segment of any value. Case and a trailing slash do not matter. */
  readonly path: string;
  readonly price: Price;
  /** How long a credential sold here is good, in milliseconds; default one hour, three seconds to 60 days. */
  readonly credentialLifeMs?: number;
  /** How long a claim is held before it must be renewed, in milliseconds; default 15 seconds, 100 ms to ten minutes. The gate renews it by itself. */
  readonly leaseMs?: number;
  /**
   * Credentials minted before this moment (unix ms) are refused: for a seller who must void quotes that still hold. Never ahead
   * of the clock: whatever is sold until then would be paid for and void.
   */
  readonly quotesValidAfterMs?: number;
}

/** An endpoint with its defaults filled in. */
export type CompleteEndpoint = Endpoint & Required<Pick<Endpoint, 'credentialLifeMs' | 'leaseMs'>>;

export const DEFAULT_CREDENTIAL_LIFE_MS = 3_600_000;
export const DEFAULT_LEASE_MS = 15_000;

/** An invoice lives a third of its credential and at least a second. */
export const MIN_CREDENTIAL_LIFE_MS = 3_000;
/** 60 days: well under the 90 days for which a master key still verifies after it was replaced. */
export const MAX_CREDENTIAL_LIFE_MS = 60 * 86_400_000;
export const MIN_LEASE_MS = 100;
/** What a process held when it died rests this long before it can be used again; a living one renews long before. */
export const MAX_LEASE_MS = 600_000;
