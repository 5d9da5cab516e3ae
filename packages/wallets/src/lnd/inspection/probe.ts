import { SatwayError } from '@satway/base';
import type { Json } from '../../rest/index.js';
import { isCredentialRefusal, lndErrorOf, PERMISSION_DENIED } from '../lnd-error.js';
import type { LndRest } from '../lnd-rest.js';

/** A malformed call that moves nothing and creates nothing: LND looks at the macaroon first, then says what is wrong with it. */
interface Probe {
  readonly path: string;
  readonly body: Json;
  /** What is said to a macaroon that may make the call. */
  readonly allowed: string;
}

const PROBES = {
  sendPayment: { path: '/v2/router/send', body: {}, allowed: 'invalid vertex length of 0, want 33' },
  sendPaymentSync: { path: '/v1/channels/transactions', body: {}, allowed: 'invalid key length' },
  addInvoice: { path: '/v1/invoices', body: { value: '-1' }, allowed: 'amount cannot be negative' },
} as const satisfies Record<string, Probe>;

/** Which calls a macaroon may make, as the node itself showed; `null` where it said something that nobody knows. */
export type ProvenCalls = Readonly<Record<keyof typeof PROBES, boolean | null>>;

/** @throws {SatwayError} the codes of `InvoiceIssuer`; `WALLET_PERMISSION_DENIED` where the node does not take the macaroon at all. */
export async function proveCalls(rest: LndRest): Promise<ProvenCalls> {
  const [sendPayment, sendPaymentSync, addInvoice] = await Promise.all([
    prove(rest, PROBES.sendPayment),
    prove(rest, PROBES.sendPaymentSync),
    prove(rest, PROBES.addInvoice),
  ]);
  return { sendPayment, sendPaymentSync, addInvoice };
}

async function prove(rest: LndRest, { path, body, allowed }: Probe): Promise<boolean | null> {
  const { status, json } = await rest.ask({ method: 'POST', path, body });
  const error = lndErrorOf(json);
  if (status === 200) throw unexpected(path);
  if (error?.message === allowed) return true;
  if (error?.message === PERMISSION_DENIED) return false;
  const refusal = await rest.refusal(`POST ${path}`, error, status);
  // A node that answers a malformed call in words of its own is no reason to know nothing of the rest.
  if (error !== null && !isCredentialRefusal(error) && refusal.code === 'WALLET_REFUSED') return null;
  throw refusal;
}

function unexpected(path: string): SatwayError {
  return new SatwayError('WALLET_ANSWER_INVALID', {
    detail: `POST ${path}: a malformed call was accepted; this is no LND.`,
  });
}
