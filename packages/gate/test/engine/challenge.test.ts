import { SatwayError } from '@satway/base';
import { decodeInvoice, decodeMacaroonText } from '@satway/protocol';
import type { InvoiceIssuer } from '@satway/wallets';
import { describe, expect, it } from 'vitest';
import { answerOf, FORECAST, freshSecret, headerOf, PING, readOffer, TENANT, TILE } from './helpers.js';
import { createWorld, type World } from './world.js';

function decoded(invoice: string) {
  const result = decodeInvoice(invoice);
  if (!result.ok) throw new TypeError(result.code);
  return result.value;
}

describe('a request without a credential', () => {
  it('gets what is free', async () => {
    const world = await createWorld();
    expect(await world.ask('/ping')).toEqual({ kind: 'grant', grant: { via: 'free' }, endpointId: 'ping' });
    expect(world.storeCalls).toEqual([]);
  });

  it('is told 404 where nothing is offered and 405 with Allow where another method is', async () => {
    const world = await createWorld();
    const nothing = await world.ask('/v1/unknown');
    expect(nothing).toMatchObject({
      kind: 'refuse',
      code: 'ENDPOINT_NOT_FOUND',
      endpointId: null,
      answer: { status: 404 },
    });
    const wrong = await world.ask('/v1/submit');
    expect(wrong).toMatchObject({ kind: 'refuse', code: 'METHOD_NOT_OFFERED', answer: { status: 405 } });
    expect(headerOf(answerOf(wrong), 'Allow')).toBe('POST');
    expect(world.issued).toBe(0);
  });

  it('is challenged with the line that deployed clients read, first and to the letter', async () => {
    const world = await createWorld();
    const decision = await world.ask('/v1/forecast/berlin');
    const { macaroonText, invoice } = readOffer(decision);
    expect(answerOf(decision).status).toBe(402);
    expect(answerOf(decision).headers.filter(([name]) => name === 'WWW-Authenticate')).toEqual([
      [
        'WWW-Authenticate',
        `L402 macaroon="${macaroonText}", invoice="${invoice}", version="0", token="${macaroonText}"`,
      ],
    ]);
    expect(headerOf(answerOf(decision), 'Cache-Control')).toBe('no-store');
    expect(headerOf(answerOf(decision), 'Content-Type')).toBe('application/problem+json');
    expect(headerOf(answerOf(decision), 'X-Payment-Outcome')).toBeUndefined();
  });

  it('gets a body with every field that older clients look for', async () => {
    const world = await createWorld();
    const decision = await world.ask('/v1/forecast/berlin');
    const { macaroonText, invoice } = readOffer(decision);
    expect(JSON.parse(answerOf(decision).body)).toMatchObject({
      type: expect.any(String),
      title: expect.any(String),
      status: 402,
      detail: expect.any(String),
      error: expect.any(String),
      code: 'payment_required',
      macaroon: macaroonText,
      invoice,
      paymentRequest: invoice,
      paymentHash: decoded(invoice).paymentHashHex,
      amountSats: 5,
      priceSats: 5,
      price_sats: 5,
      expiresAt: new Date(decoded(invoice).expiresAtMs).toISOString(),
    });
  });

  it('is asked for exactly the price, in an invoice that names the seller and lives at most a third of the credential', async () => {
    const world = await createWorld({ endpoints: [{ ...FORECAST, credentialLifeMs: 300_000 }] });
    const { invoice } = readOffer(await world.ask('/v1/forecast/berlin'));
    expect(decoded(invoice)).toMatchObject({
      amountMsat: 5_000n,
      network: 'regtest',
      expirySeconds: 100,
      description: 'acme/forecast',
    });
  });

  it.each([
    ['ten minutes where nothing else is said', undefined, 600],
    ['as long as the gate is told', 900_999, 900],
    ['a third of the credential where that is less', 86_400_000, 1200],
  ])('has an invoice that lives %s', async (_, invoiceExpiryMs, expirySeconds) => {
    const endpoints = [{ ...FORECAST, credentialLifeMs: 3_600_000 }];
    const world = await createWorld({ endpoints, ...(invoiceExpiryMs === undefined ? {} : { invoiceExpiryMs }) });
    const { invoice } = readOffer(await world.ask('/v1/forecast/berlin'));
    expect(decoded(invoice)).toMatchObject({ expirySeconds });
  });

  it('is sold several calls for one payment below a satoshi, the satoshi fields rounded up', async () => {
    const world = await createWorld();
    const decision = await world.ask('/v1/tile/1/2/3');
    const { invoice } = readOffer(decision);
    expect(decoded(invoice)).toMatchObject({ amountMsat: 250n, description: 'acme/tile, 20 calls' });
    expect(JSON.parse(answerOf(decision).body)).toMatchObject({ amountSats: 1, priceSats: 1, price_sats: 1 });
  });

  it('names no more in the invoice than every wallet takes', async () => {
    const endpoint = { ...TILE, id: 'e'.repeat(64) };
    const world = await createWorld({ tenant: { ...TENANT, slug: 's'.repeat(64) }, endpoints: [endpoint] });
    const { invoice } = readOffer(await world.ask('/v1/tile/1/2/3'));
    expect(decoded(invoice).description).toBe(`${'s'.repeat(64)}/${'e'.repeat(63)}`);
  });

  it('gets a macaroon that commits to the invoice and carries the quote in the order of the specification', async () => {
    const world = await createWorld();
    const { macaroonText, invoice } = readOffer(await world.ask('/v1/tile/1/2/3'));
    const macaroon = decodeMacaroonText(macaroonText);
    if (!macaroon.ok) throw new TypeError(macaroon.code);
    const { identifier, caveats, location } = macaroon.value.macaroon;
    expect(location).toBe('satway');
    expect(Buffer.from(identifier).subarray(2, 34).toString('hex')).toBe(decoded(invoice).paymentHashHex);
    expect(caveats.map((caveat) => Buffer.from(caveat).toString())).toEqual([
      'services=acme/tile:0',
      'tenant_id=6f1c2d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d',
      'endpoint_id=tile',
      'model=per_request',
      'price_msat=250',
      'uses=20',
      `minted_at=${world.nowMs()}`,
      `expires_at=${world.nowMs() + 3_600_000}`,
    ]);
  });

  it('is answered alike for HEAD', async () => {
    const world = await createWorld();
    const decision = await world.ask('/v1/forecast/berlin', { method: 'HEAD' });
    expect(decoded(readOffer(decision).invoice).amountMsat).toBe(5_000n);
  });

  it('is challenged also where Authorization is somebody else’s', async () => {
    const world = await createWorld();
    const decision = await world.ask('/v1/forecast/berlin', { headers: ['Authorization', 'Bearer abc'] });
    readOffer(decision);
    expect(headerOf(answerOf(decision), 'X-Payment-Outcome')).toBeUndefined();
  });

  it('costs no call to the store, however it ends', async () => {
    const world = await createWorld();
    for (const target of ['/ping', '/nothing', '/v1/forecast/a', '/v1/forecast/b', '/v1/tile/1/2/3']) {
      await world.ask(target, { headers: ['Idempotency-Key', freshSecret()] });
    }
    expect(world.issued).toBe(3);
    expect(world.storeCalls).toEqual([]);
  });

  it.each([
    ['two of them', ['Idempotency-Key', 'a', 'idempotency-key', 'a']],
    ['an empty one', ['Idempotency-Key', '']],
    ['a space in it', ['Idempotency-Key', 'a b']],
    ['a long one', ['Idempotency-Key', 'a'.repeat(256)]],
  ])('is refused for its Idempotency-Key: %s', async (_, headers) => {
    const world = await createWorld();
    const decision = await world.ask('/v1/forecast/berlin', { headers });
    expect(decision).toMatchObject({ kind: 'refuse', code: 'IDEMPOTENCY_KEY_INVALID', answer: { status: 400 } });
    expect(world.issued).toBe(0);
  });
});

describe('a body that cannot be read', () => {
  it('is refused with the code the shell gives it', async () => {
    const world = await createWorld();
    const facts = {
      ...world.facts('/v1/submit', { method: 'POST' }),
      readBodyDigest: () => Promise.reject(new SatwayError('CLAIM_IN_PROGRESS')),
    };
    expect(await world.gate.decide(facts)).toMatchObject({ kind: 'refuse', code: 'CLAIM_IN_PROGRESS' });
  });

  it('is the shell’s own affair where the caller is gone', async () => {
    const world = await createWorld();
    const gone = new TypeError('aborted');
    const facts = { ...world.facts('/v1/submit', { method: 'POST' }), readBodyDigest: () => Promise.reject(gone) };
    await expect(world.gate.decide(facts)).rejects.toBe(gone);
    expect(world.issued).toBe(0);
  });
});

describe('a wallet that fails', () => {
  function failing(cause: unknown): (issuer: InvoiceIssuer) => InvoiceIssuer {
    return (issuer) => ({
      ...issuer,
      network: 'regtest',
      preimageIsProof: true,
      create: () => Promise.reject(cause),
      lookUp: (hash) => issuer.lookUp(hash),
    });
  }

  it.each([
    ['unreachable', new SatwayError('WALLET_UNREACHABLE')],
    ['slow', new SatwayError('WALLET_TIMEOUT')],
    ['broken in a way of its own', new TypeError('x is not a function')],
  ])('is a 503 with a code, never a 402, and nothing is claimed: %s', async (_, cause) => {
    const world = await createWorld({ wrapIssuer: failing(cause) });
    const decision = await world.ask('/v1/forecast/berlin');
    expect(decision).toMatchObject({ kind: 'refuse', code: 'INVOICE_UNAVAILABLE', answer: { status: 503 } });
    expect(headerOf(answerOf(decision), 'Retry-After')).toBe('5');
    expect(headerOf(answerOf(decision), 'WWW-Authenticate')).toBeUndefined();
    expect(JSON.parse(answerOf(decision).body)).toMatchObject({ code: 'invoice_unavailable', status: 503 });
    expect(world.storeCalls).toEqual([]);
    expect(world.events).toContainEqual({
      type: 'refused',
      endpointId: 'forecast',
      code: 'INVOICE_UNAVAILABLE',
      cause,
    });
  });

  it('does not keep out who has paid', async () => {
    let isDown = false;
    const world = await createWorld({
      wrapIssuer: (issuer) => ({
        network: 'regtest',
        preimageIsProof: true,
        create: (request) => (isDown ? Promise.reject(new SatwayError('WALLET_UNREACHABLE')) : issuer.create(request)),
        lookUp: (hash) => issuer.lookUp(hash),
      }),
    });
    const credential = await world.buy('/v1/forecast/berlin');
    isDown = true;
    const decision = await world.ask('/v1/forecast/berlin', { headers: credential });
    expect(decision.kind).toBe('grant');
    expect(await world.ask('/v1/forecast/oslo')).toMatchObject({ code: 'INVOICE_UNAVAILABLE' });
  });
});

describe('a wallet that answers something else than what was asked', () => {
  async function codeWhen(change: (issuer: InvoiceIssuer) => InvoiceIssuer['create']): Promise<string> {
    const world = await createWorld({
      endpoints: [FORECAST, TILE, PING],
      wrapIssuer: (issuer) => ({
        network: 'regtest',
        preimageIsProof: true,
        create: change(issuer),
        lookUp: (hash) => issuer.lookUp(hash),
      }),
    });
    const decision = await world.ask('/v1/forecast/berlin');
    const second = decision.kind === 'challenge' ? await world.ask('/v1/forecast/oslo') : decision;
    if (second.kind !== 'refuse') return second.kind;
    expect(second.answer.status).toBe(503);
    expect(world.storeCalls).toEqual([]);
    return second.code;
  }

  it.each<[string, (issuer: InvoiceIssuer) => InvoiceIssuer['create']]>([
    ['a lower amount', (issuer) => (request) => issuer.create({ ...request, amountMsat: 4_000 })],
    ['a higher amount', (issuer) => (request) => issuer.create({ ...request, amountMsat: 6_000 })],
    [
      'another hash beside it',
      (issuer) => async (request) => ({ ...(await issuer.create(request)), paymentHashHex: 'ab'.repeat(32) }),
    ],
    [
      'another invoice than the hash beside it',
      (issuer) => async (request) => ({
        ...(await issuer.create(request)),
        invoice: (await issuer.create(request)).invoice,
      }),
    ],
    ['no invoice at all', (issuer) => async (request) => ({ ...(await issuer.create(request)), invoice: 'lnbcrt1' })],
  ])('%s is a 503 and no offer', async (_, change) => {
    expect(await codeWhen(change)).toBe('INVOICE_NOT_AS_ASKED');
  });

  it('one invoice for two buyers is a 503 for the second', async () => {
    let first: ReturnType<InvoiceIssuer['create']> | undefined;
    const code = await codeWhen((issuer) => (request) => {
      first ??= issuer.create(request);
      return first;
    });
    expect(code).toBe('INVOICE_NOT_AS_ASKED');
  });

  it('an invoice that is over before it comes is a 503', async () => {
    const world: World = await createWorld({
      wrapIssuer: (issuer) => ({
        network: 'regtest',
        preimageIsProof: true,
        create: async (request) => {
          const issued = await issuer.create(request);
          world.advance(request.expirySeconds * 1_000);
          return issued;
        },
        lookUp: (hash) => issuer.lookUp(hash),
      }),
    });
    expect(await world.ask('/v1/forecast/berlin')).toMatchObject({ code: 'INVOICE_UNAVAILABLE' });
  });

  it('an invoice of another network than the wallet says is a 503', async () => {
    const world = await createWorld({
      wrapIssuer: (issuer) => ({
        network: 'bitcoin',
        preimageIsProof: true,
        create: (request) => issuer.create(request),
        lookUp: (hash) => issuer.lookUp(hash),
      }),
    });
    expect(await world.ask('/v1/forecast/berlin')).toMatchObject({ code: 'INVOICE_NOT_AS_ASKED' });
  });
});
