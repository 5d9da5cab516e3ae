import { ok, type Result } from '../result.js';
import { interpretHolderCaveat } from './terms.js';
import { malformed } from './caveat.js';

/** How a holder narrows a credential before handing it on. */
export interface Narrowing {
  /** 16 random bytes in hex, so that two equal delegations are two branches. */
  readonly grantHex: string;
  readonly method?: string;
  readonly pathPrefix?: string;
  readonly validUntilMs?: number;
  readonly uses?: number;
  readonly maxSats?: number;
}

/** The caveats of one delegation, `grant` first. Refuses values that no gateway would accept. */
export function holderCaveats(narrowing: Narrowing): Result<string[]> {
  const caveats = [
    ['grant', narrowing.grantHex],
    ['method', narrowing.method],
    ['path_prefix', narrowing.pathPrefix],
    ['valid_until', narrowing.validUntilMs],
    ['n_uses', narrowing.uses],
    ['max_sats', narrowing.maxSats],
  ].flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  const flaw = caveats.map(interpretHolderCaveat).find((text) => text !== null);
  return flaw === undefined ? ok(caveats) : malformed(flaw);
}
