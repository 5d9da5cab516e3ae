import { SatwayError } from '@satway/base';
import type { SatwayContext } from '../context/index.js';
import { isSlug, type KnownSeller } from '../settings/index.js';

/** The seller of a slug. @throws {SatwayError} `MCP_SLUG_UNKNOWN`. */
export async function sellerOf({ settings }: SatwayContext, slug: string, _signal: AbortSignal): Promise<KnownSeller> {
  const known = isSlug(slug) ? settings.sellers.find((seller) => seller.slug === slug) : undefined;
  if (known !== undefined) return known;
  throw new SatwayError('MCP_SLUG_UNKNOWN');
}
