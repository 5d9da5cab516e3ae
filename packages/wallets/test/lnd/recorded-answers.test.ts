import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { encodeInvoice } from '@satway/protocol';
import {
  createSandboxNetwork,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MACAROON_REFUSED } from '../../src/lnd/lnd-error.js';
import { REFUSED_BEFORE_SENDING } from '../../src/lnd/paying/pre-flight.js';
import { createManualClock, type ManualClock } from '../sandbox/manual-clock.js';
import { withCaveat } from './macaroons.js';

const folder = new URL('./recorded/', import.meta.url);

/** One exchange with a real node. */
interface Recording {
  readonly name: string;
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const recordings = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Recording);

let clock: ManualClock;
let network: SandboxNetwork;
let server: SandboxLndServer;
let buyer: string;
let seller: string;

beforeAll(async () => {
  clock = createManualClock();
  network = createSandboxNetwork({ clock });
  network.addNode('buyer', { balanceMsat: 7_996_529_000 });
  network.addNode('seller', { balanceMsat: 2_000_001_000 });
  server = await startSandboxLndServer(network);
  buyer = server.macaroonHex('buyer', 'admin');
  seller = server.macaroonHex('seller', 'admin');
});
afterAll(async () => {
  await server.close();
  network.close();
});

/** Asks the sandbox; `lines` ends an answer that would stay open after so many lines. */
function ask(
  method: string,
  path: string,
  options: { macaroonHex?: string | null; body?: unknown; lines?: number } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const macaroon = options.macaroonHex === undefined ? seller : options.macaroonHex;
    const headers = macaroon === null ? {} : { 'Grpc-Metadata-Macaroon': macaroon };
    const sent = httpRequest(server.url + path, { method, headers }, (response) => {
      let body = '';
      const done = () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString('utf8');
        if (options.lines !== undefined && body.split('\n').length > options.lines) {
          done();
          response.destroy();
        }
      });
      response.on('end', done);
    });
    sent.on('error', reject);
    const { body } = options;
    sent.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });
}

const buyerAdmin = () => server.macaroonHex('buyer', 'admin');
const addInvoice = async (
  body: unknown = { value_msat: '21000', memo: 'one call', expiry: '600' },
  macaroonHex = seller,
) => {
  const added = JSON.parse((await ask('POST', '/v1/invoices', { body, macaroonHex })).body) as {
    r_hash: string;
    payment_request: string;
  };
  const hash = Buffer.from(added.r_hash, 'base64');
  return { invoice: added.payment_request, hash, hex: hash.toString('hex') };
};
const sendBody = (invoice: string, more = {}) => ({
  payment_request: invoice,
  fee_limit_msat: '10000',
  timeout_seconds: 30,
  no_inflight_updates: true,
  ...more,
});
const send = (invoice: string, more = {}) =>
  ask('POST', '/v2/router/send', { macaroonHex: buyer, body: sendBody(invoice, more) });
const transact = (body: unknown) => ask('POST', '/v1/channels/transactions', { macaroonHex: buyer, body });
const trackPath = (hash: Buffer) =>
  `/v2/router/track/${hash.toString('base64').replaceAll('+', '-').replaceAll('/', '_')}`;
const track = (hash: Buffer, query = '', lines?: number) =>
  ask('GET', trackPath(hash) + query, { macaroonHex: buyer, ...(lines === undefined ? {} : { lines }) });
const lookUp = (hex: string) => ask('GET', `/v1/invoice/${hex}`);
const paid = async () => {
  const bill = await addInvoice();
  await send(bill.invoice);
  return bill;
};
const held = async () => {
  const bill = await addInvoice({ value_msat: '21000' });
  network.addFault('buyer', { kind: 'held' });
  await ask('POST', '/v2/router/send', {
    macaroonHex: buyer,
    body: sendBody(bill.invoice, { no_inflight_updates: false }),
    lines: 2,
  });
  return bill;
};
const unroutable = () =>
  encodeInvoice(
    {
      network: 'regtest',
      amountMsat: 21_000n,
      timestampSeconds: Math.floor(clock.now() / 1000),
      paymentHashHex: 'c7'.repeat(32),
      paymentSecretHex: 'c8'.repeat(32),
      description: 'nobody’s',
    },
    Buffer.alloc(32, 9),
  );
const recordedBody = (name: string) => recordings.find((recording) => recording.name === name)?.request.body;

/** How each recorded case comes about in the sandbox. */
const cases: Readonly<Record<string, () => Promise<Answer>>> = {
  'balance-channels': () => ask('GET', '/v1/balance/channels', { macaroonHex: buyer }),
  'balance-with-held-payment': async () => {
    await held();
    return ask('GET', '/v1/balance/channels', { macaroonHex: buyer });
  },
  'cancel-done': async () => cancel((await addInvoice()).hash),
  'cancel-refused-settled': async () => cancel((await paid()).hash),
  'cancel-refused-unknown': () => cancel(Buffer.alloc(32, 5)),
  'cancel-repeated': async () => {
    const { hash } = await addInvoice();
    await cancel(hash);
    return cancel(hash);
  },
  getinfo: () => ask('GET', '/v1/getinfo', { macaroonHex: buyer }),
  'channels-with-held-payment': async () => {
    await held();
    const given = await ask('GET', '/v1/channels', { macaroonHex: buyer });
    const { channels } = JSON.parse(given.body) as { channels: { pending_htlcs: unknown[] }[] };
    // Earlier cases left payments in flight; one is enough to compare.
    for (const channel of channels) channel.pending_htlcs = channel.pending_htlcs.slice(-1);
    return { ...given, body: JSON.stringify({ channels }) };
  },
  'invoice-added': () => ask('POST', '/v1/invoices', { body: recordedBody('invoice-added') }),
  'invoice-added-own-preimage': () => ask('POST', '/v1/invoices', { body: recordedBody('invoice-added-own-preimage') }),
  'invoice-added-without-amount': () =>
    ask('POST', '/v1/invoices', { body: recordedBody('invoice-added-without-amount') }),
  'invoice-cancelled': async () => {
    const { hash, hex } = await addInvoice();
    await cancel(hash);
    return lookUp(hex);
  },
  'invoice-expired': async () => {
    const { hex } = await addInvoice({ value_msat: '21000', memo: 'one call', expiry: '1' });
    clock.advance(1500);
    return lookUp(hex);
  },
  'invoice-held': async () => lookUp((await held()).hex),
  'invoice-look-up-malformed': () => lookUp('0011'),
  'invoice-open': async () => lookUp((await addInvoice()).hex),
  'invoice-refused-both-amounts': () => ask('POST', '/v1/invoices', { body: { value: '1', value_msat: '1000' } }),
  'invoice-refused-negative': () => ask('POST', '/v1/invoices', { body: { value: '-1' } }),
  'invoice-refused-not-json': () => ask('POST', '/v1/invoices', { body: '{' }),
  'invoice-refused-repeated-preimage': async () => {
    const body = { value_msat: '21000', r_preimage: randomBytes(32).toString('base64') };
    await addInvoice(body);
    return ask('POST', '/v1/invoices', { body });
  },
  'invoice-refused-unknown-field': () => ask('POST', '/v1/invoices', { body: { amount: '1' } }),
  'invoice-settled': async () => lookUp((await paid()).hex),
  'invoice-unknown': () => lookUp('00'.repeat(32)),
  'invoices-subscribed': async () => {
    const first = await addInvoice();
    const { addIndex } = network.lightning.findInvoice('seller', first.hex) ?? { addIndex: 0 };
    const heard = ask('GET', `/v1/invoices/subscribe?add_index=${addIndex - 1}`, { lines: 2 });
    await untilSubscribed();
    await send(first.invoice);
    return heard;
  },
  'macaroon-custom-caveat': () => askWithCaveat('lnd-custom max_send_amount 1000'),
  'macaroon-custom-caveat-on-stream': () => sendWithCaveat('lnd-custom max_send_amount 1000'),
  'macaroon-expired': () => askWithCaveat('time-before 2020-01-01T00:00:00Z'),
  'macaroon-expired-on-stream': () => sendWithCaveat('time-before 2020-01-01T00:00:00Z'),
  'macaroon-unknown-caveat': () => askWithCaveat('max_send_amount=1000'),
  'macaroon-unknown-caveat-on-stream': () => sendWithCaveat('max_send_amount=1000'),
  'macaroon-unreadable-caveat': () => askWithCaveat(' max_send_amount=1000'),
  'macaroon-unreadable-caveat-on-stream': () => sendWithCaveat(' max_send_amount=1000'),
  'macaroon-refused-by-older-call': () =>
    ask('POST', '/v1/channels/transactions', { macaroonHex: server.macaroonHex('buyer', 'read'), body: {} }),
  'macaroon-refused-for-invoices': () =>
    ask('POST', '/v1/invoices', { macaroonHex: server.macaroonHex('buyer', 'pay'), body: { value: '-1' } }),
  'macaroon-garbage': () => ask('GET', '/v1/getinfo', { macaroonHex: '00'.repeat(20) }),
  'macaroon-missing': () => ask('GET', '/v1/getinfo', { macaroonHex: null }),
  'macaroon-missing-on-stream': async () =>
    ask('POST', '/v2/router/send', { macaroonHex: null, body: sendBody((await addInvoice()).invoice) }),
  'macaroon-not-hex': () => ask('GET', '/v1/getinfo', { macaroonHex: 'xx' }),
  'macaroon-of-other-node': async () => {
    const elsewhere = createSandboxNetwork();
    elsewhere.addNode('stranger');
    const stranger = await startSandboxLndServer(elsewhere);
    const macaroonHex = stranger.macaroonHex('stranger', 'admin');
    await stranger.close();
    elsewhere.close();
    return ask('GET', '/v1/getinfo', { macaroonHex });
  },
  'macaroon-refused': () => ask('GET', '/v1/getinfo', { macaroonHex: server.macaroonHex('seller', 'invoice') }),
  'macaroon-refused-on-stream': async () =>
    ask('POST', '/v2/router/send', {
      macaroonHex: server.macaroonHex('buyer', 'invoice'),
      body: sendBody((await addInvoice()).invoice),
    }),
  payments: async () => {
    await paid();
    return ask('GET', '/v1/payments?reversed=true&max_payments=1', { macaroonHex: buyer });
  },
  payreq: async () => ask('GET', `/v1/payreq/${(await addInvoice()).invoice}`),
  'payreq-garbage': () => ask('GET', '/v1/payreq/lnbcrt1qqqqqq'),
  'send-failed-cancelled': async () => {
    const { invoice, hash } = await addInvoice();
    await cancel(hash);
    return send(invoice);
  },
  'send-failed-insufficient-balance': async () => send((await addInvoice({ value: '9900000' })).invoice),
  'send-failed-no-route': () => send(unroutable()),
  'send-refused-already-paid': async () => send((await paid()).invoice),
  'send-refused-amount-given': async () => send((await addInvoice()).invoice, { amt_msat: '21000' }),
  'send-refused-empty': () => ask('POST', '/v2/router/send', { macaroonHex: buyer, body: {} }),
  'send-refused-expired': async () => {
    const { invoice } = await addInvoice({ value_msat: '21000', expiry: '1' });
    clock.advance(2500);
    return send(invoice);
  },
  'send-refused-in-transition': async () => send((await held()).invoice),
  'send-refused-no-amount': async () => send((await addInvoice({ memo: 'any' })).invoice),
  'send-refused-not-an-invoice': () => send('lnbcrt1qqqqqq'),
  'send-refused-own-invoice': async () => send((await addInvoice({ value_msat: '21000' }, buyerAdmin())).invoice),
  'send-refused-other-network': () =>
    ask('POST', '/v2/router/send', { macaroonHex: buyer, body: recordedBody('send-refused-other-network') }),
  'send-refused-unknown-field': () =>
    ask('POST', '/v2/router/send', { macaroonHex: buyer, body: recordedBody('send-refused-unknown-field') }),
  'send-succeeded': async () => send((await addInvoice()).invoice),
  'send-succeeded-with-updates': async () => send((await addInvoice()).invoice, { no_inflight_updates: false }),
  state: () => ask('GET', '/v1/state', { macaroonHex: null }),
  'track-failed': async () => {
    const { invoice, hash } = await addInvoice({ value: '9900000' });
    await send(invoice);
    return track(hash);
  },
  'track-in-flight': async () => track((await held()).hash, '', 1),
  'track-refused-hex': () => ask('GET', `/v2/router/track/${'925050f7'.repeat(8)}`, { macaroonHex: buyer }),
  'track-refused-standard-base64': () =>
    ask('GET', `/v2/router/track/${Buffer.alloc(32, 255).toString('base64')}`, { macaroonHex: buyer }),
  'track-refused-unpadded': () => ask('GET', trackPath(Buffer.alloc(32, 7)).replace(/=+$/, ''), { macaroonHex: buyer }),
  'track-succeeded': async () => track((await paid()).hash),
  'track-unknown': () => track(Buffer.alloc(32, 6)),
  'track-without-updates': async () => track((await paid()).hash, '?no_inflight_updates=true'),
  'payments-before-the-first': () =>
    ask('GET', '/v1/payments?include_incomplete=true&reversed=true&index_offset=1&max_payments=100', {
      macaroonHex: buyer,
    }),
  'transactions-failed-cancelled': async () => {
    const { invoice, hash } = await addInvoice();
    await cancel(hash);
    return transact(bounded(invoice));
  },
  'transactions-failed-no-route': () => transact(bounded(unroutable())),
  'transactions-in-transition': async () => transact(bounded((await held()).invoice)),
  'transactions-refused-expired': async () => {
    const { invoice } = await addInvoice({ value_msat: '21000', expiry: '1' });
    clock.advance(2500);
    return transact(bounded(invoice));
  },
  'transactions-refused-no-amount': async () => transact(bounded((await addInvoice({ memo: 'any' })).invoice)),
  'transactions-refused-other-network': () => transact(recordedBody('transactions-refused-other-network')),
  'transactions-already-paid': async () => transact(bounded((await paid()).invoice)),
  'transactions-empty': () => transact({}),
  'transactions-failed': async () => transact(bounded((await addInvoice({ value: '9900000' })).invoice)),
  'transactions-succeeded': async () => transact(bounded((await addInvoice()).invoice)),
  'unknown-method': () => ask('PUT', '/v1/getinfo'),
  'unknown-path': () => ask('GET', '/v1/nothing'),
};

const askWithCaveat = (caveat: string) => ask('GET', '/v1/getinfo', { macaroonHex: withCaveat(buyer, caveat) });
const sendWithCaveat = async (caveat: string) =>
  ask('POST', '/v2/router/send', {
    macaroonHex: withCaveat(buyer, caveat),
    body: sendBody((await addInvoice()).invoice),
  });
const cancel = (hash: Buffer) =>
  ask('POST', '/v2/invoices/cancel', { body: { payment_hash: hash.toString('base64') } });
const bounded = (payment_request: string) => ({ payment_request, fee_limit: { fixed_msat: '10000' } });

/** A subscription says nothing until it has news; the next request on another connection is served after it. */
async function untilSubscribed(): Promise<void> {
  await ask('GET', '/v1/state');
  await ask('GET', '/v1/state');
}

/** What a node says while it starts, which takes the sandbox no time, and of a root key that was deleted, which it does not do. */
const NOT_IN_THE_SANDBOX = /^(?:starting-\d|macaroon-of-deleted-key.*)$/;

/** Values that differ from run to run become the name of their kind; what is left must be equal, order included. */
function shapeOf(value: unknown, key = ''): unknown {
  if (HISTORY.has(key)) return typeof value;
  if (Array.isArray(value)) return value.map((entry) => shapeOf(entry, key));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([name, entry]) => [name, shapeOf(entry, name)]);
  }
  if (typeof value !== 'string' || !VARIES.has(key))
    return typeof value === 'number' && VARIES.has(key) ? 'number' : value;
  return kindOf(value);
}

function kindOf(text: string): string {
  if (text === '') return 'empty';
  if (/^0{64}$/.test(text)) return 'zeros';
  if (/^0$/.test(text)) return 'zero';
  if (/^\d+$/.test(text)) return 'decimal';
  if (/^[0-9a-f]{64,66}$/.test(text)) return `hex ${text.length}`;
  if (text.startsWith('lnbcrt')) return 'invoice';
  return /^[A-Za-z0-9+/]{43}=$/.test(text) ? 'base64 of 32 bytes' : 'text';
}

const VARIES = new Set(
  `r_hash r_preimage payment_request payment_addr add_index settle_index creation_date memo settle_date
payment_hash payment_preimage creation_time_ns attempt_time_ns resolve_time_ns preimage payment_index
attempt_id chan_id htlc_index accept_height accept_time expiry resolve_time expiry_height total_time_lock
pub_key height destination timestamp sat msat version identity_pubkey alias block_height block_hash
best_header_timestamp balance first_index_offset last_index_offset amt_to_forward total_amt value value_sat
value_msat total_amt_msat amt_to_forward_msat first_hop_amount_msat custom_channel_data
remote_pubkey channel_point local_balance remote_balance commit_fee unsettled_balance hash_lock expiration_height`.split(
    /\s+/,
  ),
);

/** What a channel has seen so far; the sandbox’s has no life of its own. */
const HISTORY = new Set(['total_satoshis_sent', 'num_updates', 'lifetime', 'uptime', 'push_amount_sat']);

/** Dates in LND's words differ; everything else in them is compared as it stands. */
const normalise = (body: string): string =>
  body.replace(/Valid until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/, 'Valid until TIME');

const parseLines = (body: string): unknown[] =>
  normalise(body)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => shapeOf(JSON.parse(line)));

describe('the sandbox answers as a real LND did', () => {
  it('in every case that was recorded', () => {
    const named = recordings.map(({ name }) => name).filter((name) => !NOT_IN_THE_SANDBOX.test(name));
    expect(Object.keys(cases).sort()).toEqual(named.sort());
  });

  it.each(recordings.filter(({ name }) => !NOT_IN_THE_SANDBOX.test(name)))('$name', async ({ name, answer }) => {
    const given = (await cases[name]?.()) ?? { status: 0, headers: {}, body: '' };
    expect(given.status).toBe(answer.status);
    expect(parseLines(given.body)).toEqual(parseLines(answer.body));
    expect(given.body.endsWith('\n')).toBe(answer.body.endsWith('\n'));
    expect(given.headers['content-type']).toBe(answer.headers['content-type']);
    expect(given.headers['transfer-encoding']).toBe(answer.headers['transfer-encoding']);
    expect('content-length' in given.headers).toBe('content-length' in answer.headers);
    expect(given.headers['date']).toBe(new Date(clock.now()).toUTCString());
  });

  it.each(
    recordings.filter(({ answer }) => answer.status !== 200).filter(({ name }) => !NOT_IN_THE_SANDBOX.test(name)),
  )('$name, byte for byte', async ({ name, answer }) => {
    const given = await cases[name]?.();
    expect(normalise(given?.body ?? '')).toBe(normalise(answer.body));
  });
});

describe('the recordings themselves', () => {
  it.each([...REFUSED_BEFORE_SENDING, ...MACAROON_REFUSED])('hold a refusal that is taken for proof: %s', (pattern) => {
    const messages = recordings
      .filter(({ name }) => /^(?:send-refused-|macaroon-)/.test(name))
      .map(({ answer }) => JSON.parse(answer.body) as { message?: string; error?: { message: string } })
      .map(({ message, error }) => error?.message ?? message ?? '');
    expect(messages.filter((message) => pattern.test(message))).not.toEqual([]);
  });

  it('hold preimages that hash to their payment hashes, where they are settled', () => {
    const bodies = recordings
      .flatMap(({ answer }) => answer.body.split('\n'))
      .filter((line) => line.includes('"SUCCEEDED"'));
    const pairs = bodies
      .map(
        (body) => JSON.parse(body) as { result?: { payment_hash: string; payment_preimage: string; status: string } },
      )
      .flatMap(({ result }) => (result?.status === 'SUCCEEDED' ? [result] : []));
    expect(pairs.length).toBeGreaterThan(3);
    for (const { payment_hash, payment_preimage } of pairs) {
      expect(createHash('sha256').update(Buffer.from(payment_preimage, 'hex')).digest('hex')).toBe(payment_hash);
    }
  });
});
