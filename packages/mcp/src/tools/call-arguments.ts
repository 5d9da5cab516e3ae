import { SatwayError } from '@satway/base';
import { z } from 'zod';
import type { CallRequest } from '../calls/index.js';
import type { SatwayContext } from '../context/index.js';
import { sellerOf } from '../directory/index.js';
import { readHeaders } from './header-rules.js';
import { targetOfPath, targetOfUrl } from './target-url.js';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** What a call and a look at its price have in common. */
export const REQUEST_SHAPE = {
  url: z.string().max(8192).optional().describe('Full http(s) URL. Give this, or slug and path.'),
  slug: z.string().max(63).optional().describe('Name of a seller, from search_apis. Give path with it.'),
  path: z.string().max(8192).optional().describe('Path below the slug, starting with one slash: /v1/forecast/lugano'),
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    .optional()
    .describe('Default GET, or POST where there is a body.'),
  query: z
    .record(z.string(), z.union([scalar, z.array(scalar)]))
    .optional()
    .describe('Query parameters, added to those of the URL.'),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('Request headers. Authorization, Host, framing and payment headers are refused: Satway sets them.'),
  body: z
    .union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())])
    .optional()
    .describe('Request body: a text as it is, or a value that is sent as JSON.'),
};

/** What one call narrows. */
export const MAX_COST_SHAPE = {
  max_cost_sats: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      'Most that this call may cost, fees included, in sats. It only lowers what the user allows. 0 pays nothing.',
    ),
};

const requestArguments = z.object(REQUEST_SHAPE);
/** What a tool was asked to send. */
export type RequestArguments = z.infer<typeof requestArguments>;

/** Whence slugs are known. */
export type AddressParts = Pick<SatwayContext, 'settings' | 'egress'>;

/** @throws {SatwayError} `MCP_ADDRESS_REFUSED`, `MCP_HEADER_REFUSED`, `MCP_SLUG_UNKNOWN`, `MCP_DIRECTORY_UNREADABLE`. */
export async function readRequest(
  context: AddressParts,
  given: RequestArguments,
  signal: AbortSignal,
): Promise<Omit<CallRequest, 'maxCostSats'>> {
  const url = await targetOf(context, given, signal);
  const headers = readHeaders(given.headers ?? {});
  const body = given.body === undefined || typeof given.body === 'string' ? given.body : JSON.stringify(given.body);
  const method = given.method ?? (body === undefined ? 'GET' : 'POST');
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw new SatwayError('CALL_INVALID', { detail: `${method} takes no body.` });
  }
  const isJson = given.body !== undefined && typeof given.body !== 'string';
  const typed = headers.some(([name]) => name === 'content-type') || !isJson;
  return {
    method,
    url,
    headers: typed ? headers : [...headers, ['content-type', 'application/json']],
    body: body ?? null,
  };
}

async function targetOf(context: AddressParts, given: RequestArguments, signal: AbortSignal): Promise<string> {
  const { url, slug, path, query } = given;
  if (url !== undefined && slug === undefined && path === undefined) return targetOfUrl(url, query);
  if (url !== undefined || slug === undefined || path === undefined) {
    throw new SatwayError('MCP_ADDRESS_REFUSED', { detail: 'It needs either url, or slug and path.' });
  }
  return targetOfPath(await sellerOf(context, slug, signal), path, query);
}
