import { createHash } from 'node:crypto';
import { createEgress, type Egress } from '@satway/egress';
import type { InvoicePayer } from '@satway/wallets';
import { connectLndPayer, excessLndPowers } from '@satway/wallets/lnd';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chunk, lastChunk, type RawServer, startRawServer, streamHead } from './raw-server.js';

const PREIMAGE = '11'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');

let egress: Egress;
let server: RawServer;
let payer: InvoicePayer;
beforeAll(async () => {
  egress = createEgress();
  server = await startRawServer();
  payer = await connectLndPayer({ url: server.url, macaroonHex: '0201', egress });
});
afterAll(async () => {
  await egress.close();
  await server.close();
});

/** Lines that look like LND's, with any field of them replaced by anything. */
const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      result: fc.record(
        {
          payment_hash: fc.constantFrom(HASH, HASH.toUpperCase(), 'ab'.repeat(32), ''),
          payment_preimage: fc.constantFrom(PREIMAGE, '00'.repeat(32), '22'.repeat(32), '', 7),
          status: fc.constantFrom('IN_FLIGHT', 'SUCCEEDED', 'FAILED', 'UNKNOWN', 2, null),
          failure_reason: fc.constantFrom('FAILURE_REASON_NONE', 'FAILURE_REASON_NO_ROUTE', '', null),
          value_msat: fc.constantFrom('1000', 1000, '-1', 'x', '1e9', null),
          fee_msat: fc.constantFrom('0', '9007199254740993', [], '7'),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ error: fc.record({ code: fc.nat(16), message: fc.string() }) }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);

const provesSuccess = (value: unknown): boolean => {
  const { result } = (value ?? {}) as { result?: Record<string, unknown> };
  return (
    result?.['status'] === 'SUCCEEDED' && result['payment_preimage'] === PREIMAGE && result['payment_hash'] === HASH
  );
};
const isFailure = (value: unknown): boolean => {
  const { result } = (value ?? {}) as { result?: Record<string, unknown> };
  return result?.['status'] === 'FAILED' && result['payment_hash'] === HASH;
};

describe('whatever an LND answers', () => {
  it('a payment is settled only by a proof, failed only by a FAILED of its own, and never an exception', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 4 }), async (lines) => {
        server.script = (socket) =>
          void socket.write(streamHead() + lines.map((one) => chunk(`${JSON.stringify(one)}\n`)).join('') + lastChunk);
        const request = { invoice: 'x', paymentHashHex: HASH, amountMsat: 1000, feeLimitMsat: 0, timeoutMs: 20_000 };
        const { state } = await payer.pay({ ...request, mayHaveBeenSentBefore: true });
        const allowed = [
          'unknown',
          ...(lines.some(provesSuccess) ? ['settled'] : []),
          ...(lines.some(isFailure) ? ['failed'] : []),
        ];
        expect(allowed).toContain(state);
      }),
      { numRuns: 300 },
    );
  });

  it('looking up gives an answer or an error of our own', async () => {
    await fc.assert(
      fc.asyncProperty(line, async (one) => {
        server.script = (socket) => void socket.write(streamHead() + chunk(`${JSON.stringify(one)}\n`) + lastChunk);
        const found = await payer.lookUp(HASH).catch((error: unknown) => error);
        const code = (found as { code?: string }).code ?? '';
        const state = (found as { state?: string }).state ?? '';
        expect(['settled', 'failed', 'inFlight'].includes(state) || code.startsWith('WALLET_')).toBe(true);
        if (state === 'settled') expect(provesSuccess(one)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a macaroon of any bytes', () => {
  it('has powers, or none that can be read, and throws nothing', () => {
    const lndLike = fc
      .uint8Array({ maxLength: 60 })
      .map((rest) => Buffer.concat([Buffer.from('0201036c6e640203030a01', 'hex'), rest]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 200 }), lndLike), (bytes) => {
        const powers = excessLndPowers({ macaroonHex: Buffer.from(bytes).toString('hex') }, 'pay');
        expect(powers === null || Array.isArray(powers)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
