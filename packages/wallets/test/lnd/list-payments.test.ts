import { createHash } from 'node:crypto';
import { createEgress, type Egress } from '@satway/egress';
import type { PayingWallet } from '@satway/wallets';
import { connectLndPayer } from '@satway/wallets/lnd';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RawServer, startRawServer, targetOf, unary, unaryError } from './raw-server.js';

const PREIMAGE = '11'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');
const NOW_MS = Date.parse('2026-11-21T14:07:44Z');

let egress: Egress;
let server: RawServer;
let payer: PayingWallet;
/** The payments of the node by their index, which only grows. */
let payments: Map<number, Readonly<Record<string, unknown>>>;
/** Runs before each page is read. */
let meanwhile: (page: number) => void;

beforeAll(() => {
  egress = createEgress();
});
afterAll(() => egress.close());
beforeEach(async () => {
  payments = new Map();
  meanwhile = () => undefined;
  server = await startRawServer();
  let pages = 0;
  server.script = (socket, request) => {
    if (targetOf(request) !== 'GET /v1/payments') return void socket.write(unaryError('permission denied'));
    meanwhile((pages += 1));
    return void socket.write(unary(200, JSON.stringify(pageOf(new URL(`http://x${request.head.split(' ')[1]}`)))));
  };
  payer = await connectLndPayer({ url: server.url, macaroonHex: '0201036c6e6402030301020000062000', egress });
});
afterEach(() => server.close());

/** As lnd pages: oldest first in each page, `reversed` from the end. */
function pageOf({ searchParams }: URL): unknown {
  const offset = Number(searchParams.get('index_offset') ?? 0);
  const most = Number(searchParams.get('max_payments'));
  const isReversed = searchParams.get('reversed') === 'true';
  const indexes = [...payments.keys()]
    .sort((a, b) => a - b)
    .filter((index) => offset === 0 || (isReversed ? index < offset : index > offset));
  const page = isReversed ? indexes.slice(-most) : indexes.slice(0, most);
  return {
    payments: page.map((index) => ({ ...payments.get(index), payment_index: String(index) })),
    first_index_offset: String(page[0] ?? 0),
    last_index_offset: String(page.at(-1) ?? 0),
    total_num_payments: '0',
  };
}

const other = (index: number) => ({
  payment_hash: createHash('sha256').update(String(index)).digest('hex'),
  status: 'SUCCEEDED',
});
const fill = (from: number, to: number): void => {
  for (let index = from; index <= to; index += 1) payments.set(index, other(index));
};
const ours = (status: string, preimage = '00'.repeat(32)) => ({
  payment_hash: HASH,
  payment_preimage: preimage,
  value_msat: '21000',
  fee_msat: '7',
  status,
  failure_reason: status === 'FAILED' ? 'FAILURE_REASON_NO_ROUTE' : 'FAILURE_REASON_NONE',
});
const lookUp = () => payer.lookUp(HASH);

describe('a payment that may be looked up only in the list of all', () => {
  it('is found wherever it stands, with its proof', async () => {
    fill(1, 350);
    payments.set(120, ours('SUCCEEDED', PREIMAGE));
    expect(await lookUp()).toEqual({ state: 'settled', preimageHex: PREIMAGE, amountMsat: 21_000, feeMsat: 7 });
  });

  it('is in flight or failed as the list says', async () => {
    fill(1, 3);
    payments.set(4, ours('IN_FLIGHT'));
    expect(await lookUp()).toEqual({ state: 'inFlight' });
    payments.set(4, ours('FAILED'));
    expect(await lookUp()).toMatchObject({ state: 'failed', reason: 'no_route', walletNowMs: NOW_MS });
  });

  it('has no record only after all of them were read, incomplete ones included', async () => {
    expect(await lookUp()).toEqual({ state: 'notFound', walletNowMs: NOW_MS });
    fill(1, 201);
    expect(await lookUp()).toEqual({ state: 'notFound', walletNowMs: NOW_MS });
    expect(server.requests.filter((request) => targetOf(request) === 'GET /v1/payments')).not.toHaveLength(0);
    for (const { head } of server.requests.filter((request) => targetOf(request) === 'GET /v1/payments')) {
      expect(head).toContain('include_incomplete=true');
    }
  });

  it('is found when it is sent again, and so moves to the end, while the list is read', async () => {
    fill(1, 250);
    payments.set(20, ours('FAILED'));
    meanwhile = (page) => {
      if (page !== 2) return;
      payments.delete(20);
      payments.set(251, ours('IN_FLIGHT'));
    };
    expect(await lookUp()).toEqual({ state: 'inFlight' });
  });

  it('is not looked for in a list without an end', async () => {
    const page = { payments: [other(1)], first_index_offset: '7', last_index_offset: '9' };
    let pages = 0;
    server.script = (socket, request) => {
      if (targetOf(request) !== 'GET /v1/payments') return void socket.write(unaryError('permission denied'));
      pages += 1;
      return void socket.write(unary(200, JSON.stringify(page)));
    };
    await expect(lookUp()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    expect(pages).toBe(2);
  });

  it.each([
    [{}, 'WALLET_ANSWER_INVALID'],
    [{ payments: {}, first_index_offset: '0', last_index_offset: '0' }, 'WALLET_ANSWER_INVALID'],
    [{ payments: [], first_index_offset: 'x', last_index_offset: '0' }, 'WALLET_ANSWER_INVALID'],
  ])('is not taken for unknown to the node by %j', async (body, code) => {
    server.script = (socket, request) =>
      void socket.write(
        targetOf(request) === 'GET /v1/payments' ? unary(200, JSON.stringify(body)) : unaryError('permission denied'),
      );
    await expect(lookUp()).rejects.toMatchObject({ code });
  });
});
