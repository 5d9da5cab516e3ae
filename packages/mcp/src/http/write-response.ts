import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Refusal, refusalBody } from './guards.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** Sends an answer; ours are the last words about how it may be kept, framed and read. */
export async function writeResponse(
  response: ServerResponse,
  answer: Response,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  response.writeHead(answer.status, { ...titleCased(answer.headers), ...SECURITY_HEADERS, ...headers });
  if (answer.body === null) return void response.end();
  // A caller who leaves ends the stream where it comes from.
  await pipeline(Readable.fromWeb(answer.body), response).catch(() => undefined);
}

/** So that a header of ours takes the place of the same one in another case. */
function titleCased(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    [...headers].map(([name, value]) => [name.replaceAll(/(^|-)([a-z])/g, (letters) => letters.toUpperCase()), value]),
  );
}

/** A refusal, in the form in which MCP clients read errors. The connection ends: what else was sent is not read. */
export function writeRefusal(
  response: ServerResponse,
  refusal: Refusal,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(refusal.status, {
    'Content-Type': 'application/json',
    ...refusal.headers,
    ...SECURITY_HEADERS,
    ...headers,
    Connection: 'close',
  });
  response.end(refusalBody(refusal));
}
