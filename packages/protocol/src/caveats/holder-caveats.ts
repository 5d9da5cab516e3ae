import { ok, type Result } from '../result.js';
import { parseCaveat } from './caveat.js';

/** What a holder may add to narrow a credential, `grant` first; whoever verifies with `interpretCaveats` and `checkTerms`, and counts, enforces all of it. */
export const HOLDER_CAVEATS = ['grant', 'method', 'path_prefix', 'valid_until', 'n_uses', 'max_sats'] as const;

/** How a holder narrows a credential for somebody else. */
export interface HolderLimits {
  /** 32 random hex digits, so that two equal delegations are two branches with quotas of their own. */
  readonly grantHex: string;
  readonly method?: string;
  /** See `parsePathPrefix`. */
  readonly pathPrefix?: string;
  readonly validUntilMs?: number;
  /** Calls, 1 to 2^32 - 1. */
  readonly uses?: number;
  /** All calls together, 1 to 2^32 - 1 satoshis. */
  readonly maxSats?: number;
}

/** The caveats to append, the grant first; `CAVEAT_MALFORMED` for a limit that no verifier would accept. */
export function holderCaveats(limits: HolderLimits): Result<string[]> {
  const wanted: readonly (readonly [key: string, value: string | number | undefined])[] = [
    ['grant', limits.grantHex],
    ['method', limits.method],
    ['path_prefix', limits.pathPrefix],
    ['valid_until', limits.validUntilMs],
    ['n_uses', limits.uses],
    ['max_sats', limits.maxSats],
  ];
  const caveats = wanted.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  for (const caveat of caveats) {
    const parsed = parseCaveat(caveat);
    if (!parsed.ok) return parsed;
  }
  return ok(caveats);
}
