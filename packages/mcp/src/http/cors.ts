import type { IncomingMessage } from 'node:http';

/** What pages of the configured origin may send and read. */
const ALLOWED_HEADERS =
  'authorization, content-type, accept, last-event-id, mcp-session-id, mcp-protocol-version, mcp-method, mcp-name';

/** The headers that let a page of the configured origin read the answer; pages of others were refused before. Cookies play no part here. */
export function corsHeaders(corsOrigin: string | null, { headers }: IncomingMessage): Record<string, string> {
  const { origin } = headers;
  if (corsOrigin === null || origin === undefined) return {};
  return {
    'Access-Control-Allow-Origin': corsOrigin,
    'Access-Control-Expose-Headers': 'mcp-session-id, www-authenticate, retry-after',
    Vary: 'Origin',
  };
}

/** What a browser asks beforehand; it carries no token. */
export function isPreflight(corsOrigin: string | null, { method, headers }: IncomingMessage): boolean {
  return corsOrigin !== null && method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

export const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Methods': 'GET, POST, DELETE',
  'Access-Control-Allow-Headers': ALLOWED_HEADERS,
  'Access-Control-Max-Age': '600',
};
