import { createEgress, type Egress } from '@satway/egress';
import type { PayingWallet, ReceivingWallet } from '@satway/wallets';
import { connectLnbitsPayer, createLnbitsIssuer } from '@satway/wallets/lnbits';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ADMIN_KEY,
  HASH,
  invoiceOf,
  json,
  type LnbitsServer,
  PREIMAGE,
  rowOf,
  startLnbitsServer,
  WALLET_ID,
} from './lnbits-server.js';

let egress: Egress;
let server: LnbitsServer;
let payer: PayingWallet;
let issuer: ReceivingWallet;
beforeAll(async () => {
  egress = createEgress();
  server = await startLnbitsServer();
  payer = await connectLnbitsPayer({ url: server.url, key: ADMIN_KEY, egress });
  issuer = createLnbitsIssuer({ url: server.url, key: ADMIN_KEY, egress });
});
afterAll(async () => {
  await egress.close();
  await server.close();
});

type Fields = Record<string, unknown>;

const statuses = fc.constantFrom('success', 'failed', 'pending', '', null, 1, undefined);
/** Rows that look like LNbits', with any field of them replaced by anything. */
const row: fc.Arbitrary<Fields> = fc
  .record(
    {
      payment_hash: fc.constantFrom(HASH, HASH.toUpperCase(), 'ab'.repeat(32), null),
      wallet_id: fc.constantFrom(WALLET_ID, 'somebody', null),
      amount: fc.constantFrom(-21_000, 21_000, 0, '-21000', -1.5, 2 ** 60, null),
      fee: fc.constantFrom(0, -7, 7, 'x', null),
      status: statuses,
      preimage: fc.constantFrom(PREIMAGE, '22'.repeat(32), '', null, 7),
      bolt11: fc.constantFrom(invoiceOf(), 'lnbcrt1qqqqqq', '', null),
    },
    { requiredKeys: [] },
  )
  .map((fields) => rowOf(fields));
const anyBody = fc.oneof(
  { weight: 4, arbitrary: fc.record({ details: row, status: statuses, paid: fc.boolean() }, { requiredKeys: [] }) },
  { weight: 2, arbitrary: row },
  { weight: 2, arbitrary: fc.record({ detail: fc.oneof(fc.string(), fc.jsonValue()), status: statuses }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const anyStatus = fc.constantFrom(200, 201, 307, 400, 401, 403, 404, 429, 500, 520);
const answer = fc.record({ status: anyStatus, body: anyBody });
const noRow = fc.constant({ status: 404, body: { detail: 'Payment does not exist.' } });

const detailsOf = ({ status, body }: { status: number; body: unknown }): Fields | null => {
  const details = status === 200 ? (body as { details?: unknown } | null)?.details : null;
  return typeof details === 'object' && details !== null ? (details as Fields) : null;
};
const isOwn = (details: Fields | null, sign: -1 | 1): details is Fields =>
  details?.['payment_hash'] === HASH && Math.sign(Number(details['amount'])) === sign;
const isState = (states: readonly string[], found: unknown): boolean => {
  const { code = '', state = '' } = (found ?? {}) as { code?: string; state?: string };
  return states.includes(state) || code.startsWith('WALLET_');
};

describe('whatever an LNbits answers', () => {
  it('a payment is settled only by the proof in its own record, failed only by that record or by a refusal without one', async () => {
    await fc.assert(
      fc.asyncProperty(answer, fc.oneof(answer, noRow), fc.boolean(), async (post, looked, mayHaveBeenSentBefore) => {
        server.routes.post = () => json(post.status, post.body);
        // What is pending is looked at again, and is gone then.
        const looks = [looked];
        server.routes.row = () => {
          const { status, body } = looks.shift() ?? { status: 404, body: { detail: 'Payment does not exist.' } };
          return json(status, body);
        };
        const request = { invoice: invoiceOf(), paymentHashHex: HASH, amountMsat: 21_000, feeLimitMsat: 2000 };
        const { state } = await payer.pay({ ...request, timeoutMs: 20_000, mayHaveBeenSentBefore });
        const details = detailsOf(looked);
        const own = isOwn(details, -1) && details['wallet_id'] === WALLET_ID ? details : null;
        if (state === 'settled') expect(own).toMatchObject({ status: 'success', preimage: PREIMAGE });
        if (state !== 'failed') return;
        expect(mayHaveBeenSentBefore).toBe(false);
        if (own !== null) expect(own['status']).toBe('failed');
        else expect([400, 401, 403, 404, 520]).toContain(post.status);
      }),
      { numRuns: 400 },
    );
  });

  it('looking a payment up gives an answer or an error of our own', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (looked) => {
        server.routes.row = () => json(looked.status, looked.body);
        const found = await payer.lookUp(HASH).catch((error: unknown) => error);
        expect(isState(['settled', 'failed', 'inFlight', 'notFound'], found)).toBe(true);
        const details = detailsOf(looked);
        const { state } = found as { state?: string };
        if (state === 'settled') expect(details).toMatchObject({ status: 'success', preimage: PREIMAGE });
        if (state === 'settled' || state === 'failed') expect(isOwn(details, -1)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('looking an invoice up gives an answer without a preimage, or an error of our own', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (looked) => {
        server.routes.row = () => json(looked.status, looked.body);
        const found = await issuer.lookUp(HASH).catch((error: unknown) => error);
        expect(isState(['open', 'settled', 'closed', 'notFound'], found)).toBe(true);
        expect(JSON.stringify(found)).not.toContain(PREIMAGE);
        const details = detailsOf(looked);
        if ((found as { state?: string }).state !== 'settled') return;
        expect(isOwn(details, 1)).toBe(true);
        expect(details?.['status']).toBe('success');
      }),
      { numRuns: 300 },
    );
  });

  it('an invoice is what was asked for, or an error of our own', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (made) => {
        server.routes.post = () => json(made.status, made.body);
        const request = { amountMsat: 21_000, description: 'one call', expirySeconds: 3600 };
        const issued = await issuer.create(request).catch((error: unknown) => error);
        if ((issued as { invoice?: string }).invoice === undefined) {
          expect(isState([], issued)).toBe(true);
          return;
        }
        expect(issued).toMatchObject({ invoice: invoiceOf(), paymentHashHex: HASH, amountMsat: 21_000 });
        expect(JSON.stringify(issued)).not.toContain(PREIMAGE);
      }),
      { numRuns: 200 },
    );
  });

  it('connecting, inspecting and the balance give an answer or an error of our own', async () => {
    const { wallet, list, feeReserve } = server.routes;
    await fc.assert(
      fc.asyncProperty(answer, answer, answer, async (...answers) => {
        const [first, second, third] = answers.map(({ status, body }) => json(status, body));
        Object.assign(server.routes, { wallet: () => first, list: () => second, feeReserve: () => third });
        const key = ADMIN_KEY;
        for (const asking of [
          connectLnbitsPayer({ url: server.url, key, egress }),
          payer.balance(),
          issuer.inspect(),
        ]) {
          const found = await asking.catch((error: unknown) => error);
          const { code, kind, spendableMsat } = found as { code?: string; kind?: string; spendableMsat?: number };
          expect(code?.startsWith('WALLET_') === true || kind === 'lnbits' || Number.isSafeInteger(spendableMsat)).toBe(
            true,
          );
        }
      }),
      { numRuns: 150 },
    );
    Object.assign(server.routes, { wallet, list, feeReserve });
  });
});
