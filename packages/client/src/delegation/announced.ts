import { SatwayError } from '@satway/base';
import type { Sender } from '../call/index.js';
import { isCaveatName } from './handed-token.js';

/** Where a seller says what it enforces. */
const DOCUMENT_PATH = '/.well-known/l402-gateway.json';
const MAX_DOCUMENT_BYTES = 1_048_576;
/** It is asked on the way to a purchase, so nobody waits for it for long. */
const DOCUMENT_DEADLINE_MS = 10_000;
const MAX_CAVEATS = 64;

/**
 * The caveats that a seller announces to enforce, from its discovery document; `null` where there is none that can be read. Asked without any credential and
 * without the caller's headers; a redirect is no document.
 *
 * @see wire format, "Discovery".
 */
export async function readAnnouncedCaveats(
  { egress, exchangeTimeoutMs }: Pick<Sender, 'egress' | 'exchangeTimeoutMs'>,
  origin: string,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  try {
    const answer = await egress.exchange({
      method: 'GET',
      url: new URL(DOCUMENT_PATH, origin).href,
      headers: { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'satway' },
      deadlineMs: Math.min(exchangeTimeoutMs, DOCUMENT_DEADLINE_MS),
      maxBodyBytes: MAX_DOCUMENT_BYTES,
      // Without an announcement nothing of what is paid for could be narrowed.
      retries: 2,
      signal,
    });
    if (answer.status === 200) return caveatsIn(await answer.text());
    answer.discard();
    return null;
  } catch (error) {
    // Whoever announces nothing sells all the same; only what is not ours is thrown on.
    if (error instanceof SatwayError) return null;
    throw error;
  }
}

/** Names that are none are left out; what is no list announces nothing. */
export function caveatsIn(document: string): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(document);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'caveats')) return null;
    const { caveats } = value as { caveats: unknown };
    if (!Array.isArray(caveats)) return null;
    return [...new Set(caveats.filter(isCaveatName))].slice(0, MAX_CAVEATS);
  } catch {
    return null;
  }
}
