import { toolArgsDigestHex } from '@satway/protocol';
import type { Call } from '../call/index.js';
import type { ClientContext } from '../l402-client/context.js';
import { takeUpEarlier } from '../l402-client/earlier.js';
import { createFreshOffers } from '../l402-client/fresh-offer.js';
import { haveOrBuy, takeKnown } from '../l402-client/have-or-buy.js';
import { L402Error } from '../l402-client/l402-error.js';
import { TOOL_METHOD } from '../offer/index.js';
import type { PricedToolCall, ToolAnswer } from './priced-tool.js';
import { challengeIn, verifyToolOffer } from './tool-offer.js';
import { type ToolPerformed, useBoughtTool, useCachedTool } from './use-tool.js';

/** How often a credential from the cache may be refused before one is bought without looking there. */
const CACHE_ROUNDS = 2;

/**
 * One tool call from start to end, by the steps of a paid HTTP call: an earlier purchase of it? → a credential in the cache? → call → verify the challenge → buy →
 * call with the proof. A tool that asks for nothing is called once, and nothing is written down.
 *
 * @throws {SatwayError} of the steps, and what `tool.call` rejects with before anything was paid.
 */
export async function performTool<R extends ToolAnswer>(
  context: ClientContext,
  tool: PricedToolCall<R>,
  signal: AbortSignal,
): Promise<ToolPerformed<R>> {
  const call = callOf(context, tool);
  const earlier = await takeUpEarlier(context, call, signal);
  if (earlier !== null) return useBoughtTool(context, tool, earlier.bought, earlier.source, signal);
  const cached = takeKnown(context, call);
  const used = cached === null ? null : await useCachedTool(context, tool, cached, signal);
  return used ?? askAndBuy(context, tool, call, signal);
}

async function askAndBuy<R extends ToolAnswer>(
  context: ClientContext,
  tool: PricedToolCall<R>,
  call: Call,
  signal: AbortSignal,
): Promise<ToolPerformed<R>> {
  const offers = createFreshOffers();
  for (let round = 0; ; round += 1) {
    context.tell({ type: 'asked', method: call.method, url: call.url });
    const result = await tool.call({}, signal);
    const challenge = challengeIn(result);
    if (challenge === null) return { result, payment: null };
    const offer = verifyToolOffer(context, tool, call, challenge);
    const got = await offers.unlessExpired(haveOrBuy(context, call, call, offer, round < CACHE_ROUNDS, signal));
    if (got === null) continue;
    if ('purchase' in got) return useBoughtTool(context, tool, got, 'bought', signal);
    const used = await useCachedTool(context, tool, got, signal);
    if (used !== null) return used;
  }
}

/** The call as journal and cache know it: under a method that no HTTP call has, so that neither ever takes the other's credential. */
function callOf<R extends ToolAnswer>({ random }: ClientContext, tool: PricedToolCall<R>): Call {
  const digest = toolArgsDigestHex({ server: tool.origin, tool: tool.tool, arguments: tool.arguments });
  if (!digest.ok) throw new L402Error('CALL_INVALID', { detail: digest.detail });
  return {
    method: TOOL_METHOD,
    url: `${originOf(tool.origin)}/${encodeURIComponent(tool.tool)}`,
    origin: originOf(tool.origin),
    headers: [],
    body: null,
    bodySha256Hex: digest.value,
    idempotencyKey: Buffer.from(random(16)).toString('hex'),
    keyGiven: false,
    redirect: 'manual',
  };
}

function originOf(text: string): string {
  if (/^mcp:\/\/[a-z0-9][a-z0-9._-]{0,63}$/.test(text)) return text;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.origin === text) return text;
  throw new L402Error('CALL_INVALID', { detail: 'The origin of the MCP server cannot be used.' });
}
