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
  /** How long a credential sold here is good, in milliseconds; default one hour, at least three seconds. */
  readonly credentialLifeMs?: number;
  /** How long a claim is held before it must be renewed, in milliseconds; default 15 seconds. The gate renews it by itself. */
  readonly leaseMs?: number;
  /** Credentials minted before this moment (unix ms) are refused: for a seller who must void quotes that still hold. */
  readonly quotesValidAfterMs?: number;
}

/** An endpoint with its defaults filled in. */
export type CompleteEndpoint = Endpoint & Required<Pick<Endpoint, 'credentialLifeMs' | 'leaseMs'>>;

export const DEFAULT_CREDENTIAL_LIFE_MS = 3_600_000;
export const DEFAULT_LEASE_MS = 15_000;
