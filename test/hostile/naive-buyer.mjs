// The buyer that nobody should have: it pays whatever it is told, as often as it is told, and follows every redirect with everything that it has. The cases
// are run against it to show that each of them can fail.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { readOwnInvoice } from '@satway/protocol';

const INVOICES = /ln(?:bcrt|bc|tbs|tb)[0-9]*[munp]?1[02-9ac-hj-np-z]{100,}/gi;
const IN_BASE64 = /request="([\w-]+)"/g;
const TOKEN = /(?:macaroon|token)"?[=:] ?"([^"]+)"/i;
const MOST_PAYMENTS = 4;
const MOST_HOPS = 8;
const LONGEST_ANSWER = 1_000_000;
/** For the head of an answer; for what comes behind it. A payment may take as long as the latter. */
const PATIENCE_MS = 10_000;
const PATIENCE_WITH_BODY_MS = 1_500;

export async function openNaiveBuyer({ wallet }) {
  const known = new Map();
  const naively = (url, init) => call({ wallet, known }, url, init);
  return {
    call: naively,
    /** As a server would that puts a model's words together to an address, and takes every tool for a call. */
    tool: (_, { url, slug, path = '', headers, method, body }) =>
      naively(url ?? `http://${slug}${path}`, { headers, method, body }).catch((error) => ({
        outcome: error.message,
        text: '',
      })),
    recover: async () => undefined,
    close: async () => undefined,
  };
}

async function call({ wallet, known }, url, { method = 'GET', headers = {}, body } = {}) {
  let [place, more, payments] = [new URL(url), credentialFor(known), 0];
  for (let hop = 0; hop < MOST_HOPS; hop++) {
    const answer = await send(place, method, { ...headers, ...more }, body);
    if (answer === null) return { outcome: 'no answer', text: '' };
    if (answer.status >= 300 && answer.status < 400 && answer.headers.location !== undefined) {
      place = new URL(answer.headers.location, place);
      continue;
    }
    const invoices = invoicesIn(answer);
    if (invoices.length === 0 || payments >= MOST_PAYMENTS)
      return { outcome: `HTTP ${answer.status}`, text: answer.text };
    for (const invoice of invoices.slice(0, MOST_PAYMENTS)) {
      payments += 1;
      const preimageHex = await pay(wallet, invoice);
      known.set('any', `L402 ${tokenIn(answer)}:${preimageHex}`);
    }
    more = credentialFor(known);
  }
  return { outcome: 'gave up', text: '' };
}

/** Whatever it has, it shows to everybody. */
function credentialFor(known) {
  const authorization = known.get('any');
  return authorization === undefined ? {} : { authorization };
}

function invoicesIn({ headers, text }) {
  const lines = [headers['www-authenticate'] ?? ''].flat().join(' ');
  const encoded = [...lines.matchAll(IN_BASE64)].map(([, request]) => Buffer.from(request, 'base64url').toString());
  return [...new Set(`${JSON.stringify(headers)} ${text} ${encoded.join(' ')}`.match(INVOICES) ?? [])];
}

function tokenIn({ headers, text }) {
  return TOKEN.exec(`${headers['www-authenticate'] ?? ''} ${text}`)?.[1] ?? 'none';
}

/** Believes what the wallet says, and asks nothing twice. */
async function pay(wallet, invoice) {
  // What the invoice says is what it means to pay, whoever signed it.
  const read = readOwnInvoice(invoice);
  const paymentHashHex = read.ok ? read.value.paymentHashHex : '0'.repeat(64);
  const amountMsat = read.ok ? Number(read.value.amountMsat ?? 1) : 1;
  const request = { invoice, paymentHashHex, amountMsat, feeLimitMsat: 1_000_000, timeoutMs: PATIENCE_WITH_BODY_MS };
  const outcome = await wallet.pay(request).catch((error) => ({ state: error.code }));
  return outcome.preimageHex ?? '0'.repeat(64);
}

/** Answers with as much as came in time. */
function send(url, method, headers, body) {
  return new Promise((resolve) => {
    let [answer, text, timer] = [null, '', undefined];
    const open = url.protocol === 'https:' ? requestHttps : requestHttp;
    const options = {
      method,
      headers,
      agent: false,
      rejectUnauthorized: false,
      maxHeaderSize: 4_000_000,
      insecureHTTPParser: true,
    };
    const outgoing = open(url, options, (incoming) => {
      answer = { status: incoming.statusCode, headers: incoming.headers, text: '' };
      clearTimeout(timer);
      timer = setTimeout(() => outgoing.destroy(), PATIENCE_WITH_BODY_MS);
      incoming.setEncoding('latin1');
      incoming.on('error', () => undefined);
      incoming.on('data', (chunk) => {
        text += chunk;
        if (text.length > LONGEST_ANSWER) outgoing.destroy();
      });
    });
    timer = setTimeout(() => outgoing.destroy(), PATIENCE_MS);
    outgoing.on('error', () => undefined);
    outgoing.on('close', () => {
      clearTimeout(timer);
      resolve(answer === null ? null : { ...answer, text });
    });
    outgoing.end(body);
  });
}

openNaiveBuyer.isNaive = true;
