import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxLightning } from '../network/index.js';
import { LineStream, type LndRefusal, refusal, writeUnary } from './answer.js';
import { type Call, LND_ROUTES, type LndRoute, METHOD_NOT_ALLOWED, NOT_FOUND } from './calls/index.js';
import type { MacaroonDesk } from './macaroon/index.js';
import { readBody } from './read-body.js';
import { readFields } from './request-fields.js';

interface Matched {
  readonly route: LndRoute;
  readonly argument: string;
}

/** Answers one request as LND's REST front does: path, then body, then macaroon, then the call. */
export async function answerAsLnd(
  parts: { readonly lightning: SandboxLightning; readonly desk: MacaroonDesk },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('Date', new Date(parts.lightning.now).toUTCString());
  const target = `http://sandbox${request.url ?? '/'}`;
  if (!URL.canParse(target)) return writeUnary(response, NOT_FOUND);
  const url = new URL(target);
  const matched = matchRoute(request.method ?? '', url.pathname);
  if ('ok' in matched) return writeUnary(response, matched);
  const body = await readBody(request);
  if (body === null) return writeUnary(response, refusal(3, 'request body too large'));
  const read = readFields(request.method === 'GET' ? '' : body, matched.route.fields);
  if (!read.ok) return writeUnary(response, read);
  const call = { lightning: parts.lightning, node: '', argument: matched.argument, query: url.searchParams, ...read };
  return serve(parts.desk, matched.route, call, request, response);
}

function matchRoute(method: string, path: string): Matched | LndRefusal {
  const matches = LND_ROUTES.map((route) => ({ route, argument: argumentOf(route.path, path) }));
  const onPath = matches.filter((match): match is Matched => match.argument !== null);
  if (onPath.length === 0) return NOT_FOUND;
  return onPath.find(({ route }) => route.method === method) ?? METHOD_NOT_ALLOWED;
}

/** A path with one segment more than the pattern is another path, as in LND: a `/` in an argument is not found. */
function argumentOf(pattern: string, path: string): string | null {
  if (!pattern.endsWith('/*')) return pattern === path ? '' : null;
  const start = pattern.slice(0, -1);
  const argument = path.slice(start.length);
  if (!path.startsWith(start) || argument === '' || argument.includes('/')) return null;
  try {
    return decodeURIComponent(argument);
  } catch {
    return null;
  }
}

async function serve(
  desk: MacaroonDesk,
  route: LndRoute,
  call: Call,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (route.kind === 'stream') {
    const refused = route.prepare?.(call) ?? null;
    if (refused !== null) return writeUnary(response, refused);
  }
  const admission = route.permission === null ? null : desk.admit(macaroonHeaders(request), route.permission);
  const lines = new LineStream(response);
  if (admission !== null && !admission.ok) {
    const denied = refusal(2, admission.message);
    return route.kind === 'stream' ? lines.fail(denied) : writeUnary(response, denied);
  }
  const admitted = { ...call, node: admission?.node ?? '' };
  if (route.kind === 'stream') return route.stream(admitted, lines);
  const outcome = await route.answer(admitted);
  return outcome === 'breakOff' ? lines.breakOff() : writeUnary(response, outcome);
}

function macaroonHeaders(request: IncomingMessage): string[] {
  const raw = request.rawHeaders;
  return raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === 'grpc-metadata-macaroon');
}
