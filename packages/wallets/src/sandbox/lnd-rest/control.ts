import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSatwayError, SatwayError } from '@satway/base';
import { booksOf, PAYMENT_FAULT_KINDS, type PaymentFault, type SandboxLightning } from '../network/index.js';
import { writeJson } from './answer.js';
import { readBody } from './read-body.js';

/** Where the control surface lives: outside LND's paths. */
export const CONTROL_PATH = '/sandbox/v1/';

type Body = Readonly<Record<string, unknown>>;

/**
 * Moves the sandbox from outside: `GET books`; `POST nodes {name}`, `fund {node, amountMsat}`, `faults {node, fault}`,
 * `resolve {paymentHashHex, as}`, `cancel {node, paymentHashHex}`, `routing-fee {baseMsat, proportionalMillionths}`. Bodies are JSON with its
 * media type, which keeps a web page from sending them. A refusal carries a code of the error table.
 */
export async function answerControl(
  lightning: SandboxLightning,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const action = (request.url ?? '').slice(CONTROL_PATH.length);
    const body = request.method === 'POST' ? await readJson(request) : {};
    writeJson(response, 200, perform(lightning, `${request.method ?? ''} ${action}`, body));
  } catch (error) {
    if (!isSatwayError(error)) throw error;
    writeJson(response, error.httpStatus ?? 500, error.toJSON());
  }
}

function perform(lightning: SandboxLightning, action: string, body: Body): unknown {
  switch (action) {
    case 'GET books':
      return booksOf(lightning);
    case 'POST nodes':
      return { name: lightning.addNode(text(body, 'name')).name };
    case 'POST fund':
      lightning.fund(text(body, 'node'), amount(body, 'amountMsat'));
      return {};
    case 'POST faults':
      lightning.addFault(text(body, 'node'), fault(body));
      return {};
    case 'POST resolve':
      return { resolved: lightning.resolve(text(body, 'paymentHashHex'), ending(body)) !== null };
    case 'POST cancel':
      return { cancelled: lightning.cancelInvoice(text(body, 'node'), text(body, 'paymentHashHex')) };
    case 'POST routing-fee':
      lightning.routingFee = {
        baseMsat: amount(body, 'baseMsat'),
        proportionalMillionths: amount(body, 'proportionalMillionths'),
      };
      return {};
    default:
      throw invalid('There is no such action.');
  }
}

async function readJson(request: IncomingMessage): Promise<Body> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) throw invalid('Send application/json.');
  const value = parse((await readBody(request)) ?? '');
  if (typeof value !== 'object' || value === null) throw invalid('Send a JSON object.');
  return value as Body;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function text(body: Body, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw invalid(`${name} must be a text.`);
  return value;
}

function amount(body: Body, name: string): number {
  const value = body[name];
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw invalid(`${name} must be a whole number from 0.`);
  return Number(value);
}

function ending(body: Body): 'SUCCEEDED' | 'FAILED' {
  const as = text(body, 'as');
  if (as !== 'settled' && as !== 'failed') throw invalid('as must be settled or failed.');
  return as === 'settled' ? 'SUCCEEDED' : 'FAILED';
}

function fault(body: Body): PaymentFault {
  const value = body['fault'];
  const given = typeof value === 'object' && value !== null ? (value as Body) : {};
  const kind = PAYMENT_FAULT_KINDS.find((known) => known === given['kind']);
  if (kind === undefined) throw invalid(`fault.kind must be one of ${PAYMENT_FAULT_KINDS.join(', ')}.`);
  if (kind === 'slow' || kind === 'failedLate') return { kind, delayMs: amount(given, 'delayMs') };
  if (kind !== 'stuckThenSettled' && kind !== 'held') return { kind };
  return 'delayMs' in given ? { kind, delayMs: amount(given, 'delayMs') } : { kind };
}

function invalid(detail: string): SatwayError {
  return new SatwayError('SANDBOX_REQUEST_INVALID', { detail });
}
