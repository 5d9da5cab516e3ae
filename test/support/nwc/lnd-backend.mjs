// What a wallet service needs of an LND, over its REST interface: written apart from the product's adapter, so that the two can be held
// against each other.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** One node: `{ url, macaroonHex, certificatePem? }`. Answers in the shapes of NIP-47: `{ result, error }`. */
export function createLndBackend(node) {
  const call = async (method, path, body) => {
    const { status, text } = await exchange(node, method, path, body);
    return { status, json: JSON.parse(text) };
  };
  return {
    getInfo: (methods, notifications) => getInfo(call, methods, notifications),
    getBalance: async () => {
      const { json } = await call('GET', '/v1/balance/channels');
      return success({ balance: Number(json.local_balance.msat) });
    },
    makeInvoice: ({ amount, description, expiry }) => makeInvoice(call, { amount, description, expiry }),
    lookupInvoice: ({ payment_hash }) => lookupInvoice(node, call, payment_hash),
    payInvoice: ({ invoice }) => payInvoice(node, invoice),
    followInvoices: (onSettled) => followInvoices(node, onSettled),
  };
}

const success = (result) => ({ result, error: undefined });
const failure = (code, message) => ({ result: undefined, error: { code, message } });
const hexOf = (base64) => Buffer.from(base64, 'base64').toString('hex');

async function getInfo(call, methods, notifications) {
  const { json } = await call('GET', '/v1/getinfo');
  const { alias, color, identity_pubkey, block_height, block_hash, chains } = json;
  const network = chains[0].network;
  return success({ alias, color, pubkey: identity_pubkey, network, block_height, block_hash, methods, notifications });
}

async function makeInvoice(call, { amount, description, expiry }) {
  const { status, json } = await call('POST', '/v1/invoices', {
    value_msat: String(amount),
    memo: description ?? '',
    expiry: String(expiry ?? 3600),
  });
  if (status !== 200) return failure('OTHER', json.message);
  const { json: invoice } = await call('GET', `/v1/invoice/${hexOf(json.r_hash)}`);
  return success(incoming(invoice));
}

const INVOICE_STATES = { OPEN: 'pending', ACCEPTED: 'accepted', SETTLED: 'settled', CANCELED: 'expired' };

/** As NIP-47 allows, the preimage is shown before anybody has paid. */
function incoming(invoice) {
  const created = Number(invoice.creation_date);
  return {
    type: 'incoming',
    state: INVOICE_STATES[invoice.state],
    invoice: invoice.payment_request,
    description: invoice.memo,
    preimage: hexOf(invoice.r_preimage ?? ''),
    payment_hash: hexOf(invoice.r_hash),
    amount: Number(invoice.state === 'SETTLED' ? invoice.amt_paid_msat : invoice.value_msat),
    fees_paid: 0,
    created_at: created,
    expires_at: created + Number(invoice.expiry),
    settled_at: invoice.state === 'SETTLED' ? Number(invoice.settle_date) : undefined,
  };
}

async function lookupInvoice(node, call, hash) {
  const payment = await trackPayment(node, hash);
  if (payment !== null) return success(outgoing(payment));
  const { status, json } = await call('GET', `/v1/invoice/${hash}`);
  return status === 200 ? success(incoming(json)) : failure('NOT_FOUND', 'there is no such transaction');
}

const PAYMENT_STATES = { SUCCEEDED: 'settled', FAILED: 'failed', IN_FLIGHT: 'pending', INITIATED: 'pending' };

function outgoing(payment) {
  const state = PAYMENT_STATES[payment.status];
  return {
    type: 'outgoing',
    state,
    payment_hash: payment.payment_hash,
    preimage: state === 'settled' ? payment.payment_preimage : undefined,
    amount: Number(payment.value_msat),
    fees_paid: Number(payment.fee_msat),
    created_at: Number(payment.creation_date),
    settled_at: state === 'settled' ? Math.floor(Number(payment.creation_time_ns) / 1e9) : undefined,
  };
}

async function trackPayment(node, hash) {
  const urlSafe = Buffer.from(hash, 'hex').toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  return new Promise((resolve, reject) => {
    const onLine = (line) => resolve(line.result ?? null);
    stream(node, 'GET', `/v2/router/track/${urlSafe}?no_inflight_updates=false`, undefined, onLine, true).then(
      () => resolve(null),
      reject,
    );
  });
}

async function payInvoice(node, invoice) {
  let last = null;
  const body = { payment_request: invoice, fee_limit_msat: '10000', timeout_seconds: 60, max_parts: 1 };
  await stream(node, 'POST', '/v2/router/send', body, (line) => (last = line));
  const payment = last?.result;
  if (payment === undefined) return failure('PAYMENT_FAILED', last?.error?.message ?? 'the node gave no result');
  if (payment.status === 'SUCCEEDED') {
    return success({ preimage: payment.payment_preimage, fees_paid: Number(payment.fee_msat) });
  }
  if (payment.failure_reason === 'FAILURE_REASON_INSUFFICIENT_BALANCE') {
    return failure('INSUFFICIENT_BALANCE', 'the balance is too small');
  }
  return failure('PAYMENT_FAILED', payment.failure_reason);
}

function followInvoices(node, onSettled) {
  const onLine = ({ result }) => {
    if (result?.state === 'SETTLED') onSettled(incoming(result));
  };
  stream(node, 'GET', '/v1/invoices/subscribe', undefined, onLine).catch(() => undefined);
}

/** Calls back with every line; `leavesEarly` hangs up after the first. */
function stream(node, method, path, body, onLine, leavesEarly = false) {
  return new Promise((resolve, reject) => {
    const request = open(node, method, path, (response) => {
      let kept = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        const lines = (kept + chunk).split('\n');
        kept = lines.pop() ?? '';
        for (const line of lines.filter((each) => each !== '')) onLine(JSON.parse(line));
        if (leavesEarly && lines.length > 0) request.destroy();
      });
      response.on('end', () => {
        if (kept.trim() !== '') onLine(JSON.parse(kept));
        resolve();
      });
      response.on('error', resolve);
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function exchange(node, method, path, body) {
  return new Promise((resolve, reject) => {
    const request = open(node, method, path, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode, text });
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function open({ url, macaroonHex, certificatePem }, method, path, onResponse) {
  const headers = { 'Grpc-Metadata-Macaroon': macaroonHex, 'Content-Type': 'application/json' };
  if (url.startsWith('http:')) return requestHttp(url + path, { method, headers }, onResponse);
  // The certificate is the trust; a node on 127.0.0.1 need not bear that name.
  const tls = { ca: certificatePem, checkServerIdentity: () => undefined };
  return requestHttps(url + path, { method, headers, ...tls }, onResponse);
}
