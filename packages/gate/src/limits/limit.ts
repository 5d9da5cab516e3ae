import { SatwayError } from '@satway/base';

/** A rate: `burst` at once from rest, then `perSecond` (may be a fraction) on average. */
export interface Limit {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * What one caller, and all callers together, may ask for. `'off'` switches a limit off. An address is an IPv4 address or an
 * IPv6 /64. Each process counts alone.
 */
export interface GateLimits {
  /** All requests of one address. */
  readonly requestsPerAddress: Limit | 'off';
  /** Requests of one address to one endpoint. */
  readonly requestsPerAddressAndEndpoint: Limit | 'off';
  /** New invoices (and look-ups of open ones) that one address can cause. */
  readonly invoicesPerAddress: Limit | 'off';
  /** New invoices (and look-ups of open ones) that all callers together can cause at the wallet. */
  readonly invoicesPerWallet: Limit | 'off';
  /** Calls to the wallet that may be under way at the same time. */
  readonly invoicesInFlight: number;
}

export const DEFAULT_GATE_LIMITS: GateLimits = {
  requestsPerAddress: { burst: 2_000, perSecond: 500 },
  requestsPerAddressAndEndpoint: { burst: 1_000, perSecond: 250 },
  invoicesPerAddress: { burst: 30, perSecond: 1 },
  invoicesPerWallet: { burst: 500, perSecond: 50 },
  invoicesInFlight: 256,
};

/** For benchmarks and for gates behind something else that limits. */
export const NO_GATE_LIMITS: GateLimits = {
  requestsPerAddress: 'off',
  requestsPerAddressAndEndpoint: 'off',
  invoicesPerAddress: 'off',
  invoicesPerWallet: 'off',
  invoicesInFlight: Number.MAX_SAFE_INTEGER,
};

/**
 * Fills in the defaults and refuses what limits nothing by accident (`NaN`, zero, a text).
 *
 * @throws {SatwayError} `LIMITS_INVALID`, naming every limit that is wrong.
 */
export function completeLimits(given: Partial<GateLimits> = {}): GateLimits {
  const limits: GateLimits = { ...DEFAULT_GATE_LIMITS, ...given };
  const { invoicesInFlight, ...rates } = limits;
  const wrong = Object.entries(rates)
    .filter(([, limit]) => !isLimit(limit))
    .map(([name]) => name);
  if (!isAtLeast(invoicesInFlight, 1)) wrong.push('invoicesInFlight');
  if (wrong.length > 0) throw new SatwayError('LIMITS_INVALID', { detail: wrong.join(', ') });
  return limits;
}

function isLimit(limit: Limit | 'off'): boolean {
  return limit === 'off' || (isAtLeast(limit.burst, 1) && isAtLeast(limit.perSecond, Number.MIN_VALUE));
}

function isAtLeast(value: number, least: number): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= least;
}
