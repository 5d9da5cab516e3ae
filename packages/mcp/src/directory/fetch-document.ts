import { SatwayError } from '@satway/base';
import type { SatwayContext } from '../context/index.js';

const MAX_DOCUMENT_BYTES = 1024 * 1024;
const DOCUMENT_TIMEOUT_MS = 10_000;

/**
 * Gets a JSON document that costs nothing, over the one door out; no credential, no redirect.
 *
 * @returns the value; `null` where there is none (404, or a redirect).
 * @throws {SatwayError} `MCP_DIRECTORY_UNREADABLE`, `EGRESS_…`.
 */
export async function fetchJson(
  { egress }: Pick<SatwayContext, 'egress'>,
  url: string,
  signal: AbortSignal,
): Promise<unknown> {
  const answer = await egress.exchange({
    method: 'GET',
    url,
    headers: { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'satway' },
    deadlineMs: DOCUMENT_TIMEOUT_MS,
    maxBodyBytes: MAX_DOCUMENT_BYTES,
    signal,
  });
  if (answer.status === 200) return parse(await answer.text());
  answer.discard();
  if (answer.status === 404 || answer.status === 410 || (answer.status >= 300 && answer.status < 400)) return null;
  throw unreadable(`It answers ${answer.status}.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable('It is no JSON.', cause);
  }
}

export function unreadable(detail: string, cause?: unknown): SatwayError {
  return new SatwayError('MCP_DIRECTORY_UNREADABLE', { detail, cause });
}
