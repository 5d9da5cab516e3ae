import type { CallToolResult } from '@modelcontextprotocol/client';
import { SatwayError } from '@satway/base';
import type { Egress, ExchangeRequest, ExchangeResponse } from '@satway/egress';
import {
  formatL402Challenge,
  formatToolCredential,
  parseAuthorization,
  parseToolChallenge,
  parseToolReceipt,
  toolArgsDigestHex,
  TOOL_CREDENTIAL_KEY,
  type ToolChallenge,
  toolResource,
} from '@satway/protocol';
import { decoded, readToolAddress } from './tool-address.js';
import type { Upstream, Upstreams } from './upstreams.js';

/** Codes by which the other server says that the request itself is wrong; nothing was done. */
const REQUEST_ERRORS: ReadonlySet<unknown> = new Set([-32_600, -32_601, -32_602]);

/**
 * The tools of other MCP servers as a door out: a POST to a tool's address calls the tool, a challenge in its result is a 402, and the credential of the
 * repeat travels in `_meta`. So that whatever is bought there goes through the same checks, journal, budget and approvals as everything else.
 *
 * It leads nowhere else; and the door to the Internet does not lead here, so that no seller's redirect calls a tool.
 */
export function createToolEgress(upstreams: Upstreams): Egress {
  const refuse = (): never => {
    throw new SatwayError('EGRESS_ADDRESS_REFUSED');
  };
  return {
    exchange: async (request) => exchange(upstreams, request),
    openPool: refuse,
    openSocket: refuse,
    close: async () => undefined,
  };
}

async function exchange(upstreams: Upstreams, request: ExchangeRequest): Promise<ExchangeResponse> {
  const named = readToolAddress(request.url);
  const upstream = named === null ? null : upstreams.get(named.server);
  if (named === null || upstream === null) throw notSent('EGRESS_ADDRESS_REFUSED', 'There is no such server.');
  const given = argumentsIn(request);
  if (given === null) return answerOf(400, { error: 'The arguments must be one JSON object.' });
  const result = await callTool(upstream, named.tool, given, request);
  if (!('content' in result)) return answerOf(400, result);
  const challenge = parseToolChallenge(result._meta);
  return challenge === null
    ? answerOf(200, shown(result), outcomeIn(result))
    : askForPayment(challenge.ok ? challenge.value : null, named.tool, given);
}

function notSent(code: 'EGRESS_ADDRESS_REFUSED' | 'EGRESS_UNREACHABLE', detail: string, cause?: unknown): SatwayError {
  return new SatwayError(code, { detail, cause, fundsMoved: 'no', facts: { requestMayHaveBeenSent: false } });
}

function argumentsIn({ method, body }: ExchangeRequest): Readonly<Record<string, unknown>> | null {
  if (method !== 'POST' || body === undefined) return null;
  try {
    const value: unknown = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function callTool(
  upstream: Upstream,
  tool: string,
  given: Readonly<Record<string, unknown>>,
  request: ExchangeRequest,
): Promise<CallToolResult | { readonly error: string }> {
  const { deadlineMs, signal } = request;
  try {
    const meta = credentialMeta(request);
    return await upstream.callTool({ tool, arguments: given, meta, timeoutMs: deadlineMs, signal });
  } catch (cause) {
    if (cause instanceof SatwayError) throw notSent('EGRESS_UNREACHABLE', cause.message, cause);
    const { code, message } = cause instanceof Error && 'code' in cause ? cause : { code: null, message: '' };
    if (REQUEST_ERRORS.has(code)) return { error: message };
    throw new SatwayError(signal?.aborted === true ? 'EGRESS_ABORTED' : 'EGRESS_BROKEN', {
      detail: `The MCP server ${upstream.name} gave no answer.`,
      cause,
      facts: { requestMayHaveBeenSent: true },
    });
  }
}

/** The credential of an HTTP call, in the form in which tools take it. */
function credentialMeta({ headers = [] }: ExchangeRequest): Readonly<Record<string, unknown>> {
  const list = Array.isArray(headers) ? (headers as [string, string][]) : Object.entries(headers);
  const parsed = parseAuthorization(list.filter(([name]) => name.toLowerCase() === 'authorization').flat());
  if (parsed.kind !== 'credential') return {};
  const { macaroonText: token, preimageHex } = parsed;
  return { [TOOL_CREDENTIAL_KEY]: formatToolCredential({ token, preimageHex }) };
}

/** What a tool asks for, as a 402. One that is for another tool, or for other arguments, is an offer of nothing. */
function askForPayment(
  challenge: ToolChallenge | null,
  tool: string,
  given: Readonly<Record<string, unknown>>,
): ExchangeResponse {
  if (challenge === null || !isFor(challenge, tool, given))
    return answerOf(402, { error: 'The challenge cannot be used.' });
  const { token: macaroonText, invoice, amountMsat, paymentHashHex } = challenge;
  return answerOf(402, { amountMsat, paymentHash: paymentHashHex }, [
    'www-authenticate',
    formatL402Challenge({ macaroonText, invoice }),
  ]);
}

function isFor(
  { resource, argsDigestHex }: ToolChallenge,
  tool: string,
  given: Readonly<Record<string, unknown>>,
): boolean {
  const server = decoded(/^mcp:\/\/([^/]+)\/[^/]+$/.exec(resource)?.[1] ?? '');
  if (server === null || resource !== toolResource({ server, tool })) return false;
  if (argsDigestHex === null) return true;
  const digest = toolArgsDigestHex({ server, tool, arguments: given });
  return digest.ok && digest.value === argsDigestHex.toLowerCase();
}

/** What a caller sees of a result; payments are the client's affair. */
function shown({ content, structuredContent, isError }: CallToolResult): object {
  return {
    ...(isError === true ? { isError } : {}),
    content,
    ...(structuredContent === undefined ? {} : { structuredContent }),
  };
}

function outcomeIn({ _meta }: CallToolResult): string[] {
  const receipt = parseToolReceipt(_meta);
  return receipt === null ? [] : ['x-payment-outcome', receipt.outcome];
}

function answerOf(status: number, value: object, headers: readonly string[] = []): ExchangeResponse {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const rawHeaders = ['content-type', 'application/json', ...headers];
  return {
    status,
    statusText: '',
    rawHeaders,
    header: (name) =>
      rawHeaders.find((_, index) => index % 2 === 1 && rawHeaders[index - 1] === name.toLowerCase()) ?? null,
    body: (async function* () {
      yield bytes;
    })(),
    bytes: async () => bytes,
    text: async () => new TextDecoder().decode(bytes),
    discard: () => undefined,
  };
}
