import { SatwayError } from '@satway/base';
import { parseToolChallenge, type Result, type ToolChallenge, toolArgsDigestHex, toolResource } from '@satway/protocol';
import type { Target } from '../call/index.js';
import type { ClientContext } from '../l402-client/context.js';
import { type Offer, verifyOffer } from '../offer/index.js';
import type { PricedToolCall, ToolAnswer } from './priced-tool.js';

/** The challenge in a result that asks for payment; `null` for every other result. @throws {SatwayError} `OFFER_UNREADABLE`. */
export function challengeIn({ isError, _meta }: ToolAnswer): ToolChallenge | null {
  // A result that is a success asks for nothing, whatever it carries.
  if (isError !== true) return null;
  const challenge = parseToolChallenge(_meta);
  return challenge === null ? null : valueOf(challenge);
}

/**
 * Verifies what a tool asks for: the signed invoice alone says the price, and it must be for this tool and these arguments.
 *
 * @throws {SatwayError} `OFFER_UNREADABLE`, `OFFER_HASH_MISMATCH`, `OFFER_PRICE_MISMATCH`, and the codes of `decodeInvoice` and `checkOffer`. Funds moved: no.
 */
export function verifyToolOffer<R extends ToolAnswer>(
  context: ClientContext,
  tool: PricedToolCall<R>,
  target: Target,
  challenge: ToolChallenge,
): Offer {
  const { wallet, clock, tell } = context;
  const digest = digestFor(tool, challenge.resource);
  if (challenge.argsDigestHex !== null && challenge.argsDigestHex !== digest) {
    throw new SatwayError('OFFER_UNREADABLE', { detail: 'It is for other arguments.' });
  }
  const read = { macaroonText: challenge.token, invoice: challenge.invoice, advertisedMsat: challenge.amountMsat };
  const limits = { network: wallet.network, nowMs: clock.nowMs(), argsDigestHex: digest };
  const offer = verifyOffer(read, target, limits);
  if (offer.paymentHashHex !== challenge.paymentHashHex) throw new SatwayError('OFFER_HASH_MISMATCH');
  const { amountMsat, paymentHashHex, invoice, description, scope, opaque } = offer;
  tell({ type: 'challenged', url: target.url, amountMsat, paymentHashHex, invoice, description, scope, opaque });
  return offer;
}

/** The digest as the seller counts it, under the name that the seller gives itself. */
function digestFor<R extends ToolAnswer>(tool: PricedToolCall<R>, resource: string): string {
  const named = /^mcp:\/\/([^/]+)\/[^/]+$/.exec(resource)?.[1];
  const server = named === undefined ? null : decoded(named);
  if (server === null || toolResource({ server, tool: tool.tool }) !== resource) {
    throw new SatwayError('OFFER_UNREADABLE', { detail: 'It is for another tool.' });
  }
  return valueOf(toolArgsDigestHex({ server, tool: tool.tool, arguments: tool.arguments }));
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new SatwayError(result.code, { detail: result.detail });
}
