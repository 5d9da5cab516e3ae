import { SatwayError } from '@satway/base';
import { createKeyRing } from '@satway/protocol';
import type { InvoiceIssuer } from '@satway/wallets';
import { describe, expect, it } from 'vitest';
import { DEFAULT_GATE_LIMITS } from '../../src/limits/index.js';
import {
  answerOf,
  type Ask,
  describeDecision,
  ENDPOINTS,
  FORECAST,
  freshSecret,
  headerOf,
  masterKey,
  readOffer,
} from './helpers.js';
import { createWorld, type World } from './world.js';

const BERLIN = '/v1/forecast/berlin';

async function isSameOffer(world: World, first: [string, Ask], second: [string, Ask]): Promise<boolean> {
  const one = readOffer(await world.ask(...first));
  const two = readOffer(await world.ask(...second));
  const isSame = one.invoice === two.invoice;
  expect(one.macaroonText === two.macaroonText).toBe(isSame);
  expect(world.issued).toBe(isSame ? 1 : 2);
  return isSame;
}

/** The wallet itself, with some of its methods replaced. */
function changed(issuer: InvoiceIssuer, changes: Partial<InvoiceIssuer>): InvoiceIssuer {
  return Object.create(issuer, Object.getOwnPropertyDescriptors(changes)) as InvoiceIssuer;
}

const WITHOUT_NEWS = { onSettled: undefined } as unknown as Partial<InvoiceIssuer>;

function withKey(key: string, ask: Ask = {}): Ask {
  return { ...ask, headers: ['Idempotency-Key', key] };
}

describe('an open invoice is offered again to whoever shows the same secret', () => {
  const secret = freshSecret();

  it('from anywhere, with the same macaroon bytes, as long as it is open', async () => {
    const world = await createWorld();
    const first = readOffer(await world.ask(BERLIN, withKey(secret)));
    world.advance(500_000);
    const second = readOffer(await world.ask(BERLIN, withKey(secret, { from: '198.51.100.9' })));
    expect(second).toEqual(first);
    expect(world.issued).toBe(1);
  });

  it.each([
    ['that tells of settlements', true],
    ['that tells of none', false],
  ])('but not while nothing may be sold with a wallet %s, and again afterwards', async (_, tells) => {
    let isWithdrawn = false;
    const world = await createWorld({
      wrapIssuer: (issuer) =>
        changed(issuer, {
          create: (request) =>
            isWithdrawn ? Promise.reject(new SatwayError('WALLET_PERMISSION_DENIED')) : issuer.create(request),
          isWithdrawn: () => isWithdrawn,
          ...(tells ? {} : WITHOUT_NEWS),
        }),
    });
    const first = readOffer(await world.ask(BERLIN, withKey(secret)));
    isWithdrawn = true;
    expect(describeDecision(await world.ask(BERLIN, withKey(secret)))).toContain('INVOICE_UNAVAILABLE');
    isWithdrawn = false;
    expect(readOffer(await world.ask(BERLIN, withKey(secret)))).toEqual(first);
  });

  it('nor where nothing may be sold any more while the wallet is asked whether it is open', async () => {
    let isWithdrawn = false;
    const world = await createWorld({
      wrapIssuer: (issuer) =>
        changed(issuer, {
          lookUp: async (hash) => {
            isWithdrawn = true;
            return issuer.lookUp(hash);
          },
          isWithdrawn: () => isWithdrawn,
          ...WITHOUT_NEWS,
        }),
    });
    const first = readOffer(await world.ask(BERLIN, withKey(secret)));
    expect(readOffer(await world.ask(BERLIN, withKey(secret))).invoice).not.toBe(first.invoice);
  });

  it('but not in its last moments or after', async () => {
    const world = await createWorld();
    const first = readOffer(await world.ask(BERLIN, withKey(secret)));
    world.advance(591_000);
    expect(readOffer(await world.ask(BERLIN, withKey(secret))).invoice).not.toBe(first.invoice);
  });

  it.each<[string, [string, Ask], [string, Ask]]>([
    ['another secret', [BERLIN, withKey(secret)], [BERLIN, withKey(freshSecret())]],
    ['another path', [BERLIN, withKey(secret)], ['/v1/forecast/oslo', withKey(secret)]],
    ['another spelling of the path', [BERLIN, withKey(secret)], ['/v1/forecast/Berlin', withKey(secret)]],
    ['another query', [BERLIN, withKey(secret)], [`${BERLIN}?day=1`, withKey(secret)]],
    ['another method', [BERLIN, withKey(secret)], [BERLIN, withKey(secret, { method: 'HEAD' })]],
    [
      'another body',
      ['/v1/submit', withKey(secret, { method: 'POST', body: 'a' })],
      ['/v1/submit', withKey(secret, { method: 'POST', body: 'b' })],
    ],
  ])('not for %s', async (_, first, second) => {
    expect(await isSameOffer(await createWorld(), first, second)).toBe(false);
  });

  it.each([
    ['price', { ...FORECAST, price: { model: 'per_request', priceMsat: 5_001, uses: 1 } as const }],
    ['number of uses', { ...FORECAST, price: { model: 'per_request', priceMsat: 5_000, uses: 2 } as const }],
    ['endpoint', { ...FORECAST, id: 'forecast-2' }],
  ])('not after the %s has changed', async (_, changed) => {
    const world = await createWorld({ endpoints: [FORECAST] });
    const first = readOffer(await world.ask(BERLIN, withKey(secret)));
    world.gate.replaceSnapshot([changed]);
    expect(readOffer(await world.ask(BERLIN, withKey(secret))).invoice).not.toBe(first.invoice);
  });

  it('not once it is settled', async () => {
    const world = await createWorld();
    const first = readOffer(await world.ask(BERLIN, withKey(secret)));
    await world.pay(first.invoice);
    expect(readOffer(await world.ask(BERLIN, withKey(secret))).invoice).not.toBe(first.invoice);
  });

  it('not once its credential was presented, also where the wallet has not told of the settlement', async () => {
    const world = await createWorld({ wrapIssuer: tellsNothing });
    const credential = await world.buy(BERLIN, withKey(secret));
    await world.ask(BERLIN, { headers: credential });
    const first = credential[1];
    const again = readOffer(await world.ask(BERLIN, withKey(secret)));
    expect(first).not.toContain(again.macaroonText);
  });

  it('not under a master key that has gone', async () => {
    const world = await createWorld();
    const first = readOffer(await world.ask(BERLIN, withKey(secret)));
    world.keyRing = createKeyRing([masterKey(world.nowMs())]);
    const second = readOffer(await world.ask(BERLIN, withKey(secret)));
    expect(second.invoice).not.toBe(first.invoice);
  });

  it('but still after a rotation that keeps the old key', async () => {
    const old = masterKey(0);
    const world = await createWorld();
    world.keyRing = createKeyRing([old]);
    const first = readOffer(await world.ask(BERLIN, withKey(secret)));
    world.keyRing = createKeyRing([masterKey(world.nowMs()), { ...old, verifyUntilMs: world.nowMs() + 7_200_000 }]);
    expect(readOffer(await world.ask(BERLIN, withKey(secret)))).toEqual(first);
  });
});

/** A wallet whose news never arrive. */
function tellsNothing(issuer: InvoiceIssuer): InvoiceIssuer {
  return {
    network: 'regtest',
    preimageIsProof: true,
    create: (request) => issuer.create(request),
    lookUp: (hash) => issuer.lookUp(hash),
    onSettled: () => () => undefined,
  };
}

describe('without a secret an open invoice is offered again', () => {
  it('to the same address for ten seconds', async () => {
    const world = await createWorld();
    const first = readOffer(await world.ask(BERLIN));
    world.advance(9_999);
    expect(readOffer(await world.ask(BERLIN))).toEqual(first);
    world.advance(1);
    expect(readOffer(await world.ask(BERLIN)).invoice).not.toBe(first.invoice);
  });

  it('to the same IPv6 /64, and to no other address', async () => {
    const world = await createWorld();
    expect(
      await isSameOffer(world, [BERLIN, { from: '2001:db8:1:2::1' }], [BERLIN, { from: '2001:db8:1:2:9::9' }]),
    ).toBe(true);
    expect(
      await isSameOffer(
        await createWorld(),
        [BERLIN, { from: '2001:db8:1:2::1' }],
        [BERLIN, { from: '2001:db8:1:3::1' }],
      ),
    ).toBe(false);
    expect(
      await isSameOffer(await createWorld(), [BERLIN, { from: '203.0.113.7' }], [BERLIN, { from: '203.0.113.8' }]),
    ).toBe(false);
  });

  it.each([
    ['a word', 'retry'],
    ['a UUID, whose bits are too few', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
    ['a counter', '00000000000000000000000000000001'],
  ])('where the Idempotency-Key is %s, too: nobody elsewhere gets it by guessing', async (_, key) => {
    expect(
      await isSameOffer(await createWorld(), [BERLIN, withKey(key)], [BERLIN, withKey(key, { from: '203.0.113.8' })]),
    ).toBe(false);
  });

  it('not to one who shows a secret of his own', async () => {
    expect(await isSameOffer(await createWorld(), [BERLIN, {}], [BERLIN, withKey(freshSecret())])).toBe(false);
  });
});

describe('requests at the same time', () => {
  it('share one invoice where they would have shared it one after the other', async () => {
    const world = await createWorld();
    const ask = withKey(freshSecret());
    const offers = await Promise.all(Array.from({ length: 50 }, async () => readOffer(await world.ask(BERLIN, ask))));
    expect(new Set(offers.map((offer) => offer.invoice)).size).toBe(1);
    expect(world.issued).toBe(1);
  });

  it('share a failure, and the next one tries again', async () => {
    let failures = 0;
    const world = await createWorld({
      wrapIssuer: (issuer) => ({
        ...tellsNothing(issuer),
        create: (request) => {
          failures += 1;
          return failures === 1 ? Promise.reject(new SatwayError('WALLET_TIMEOUT')) : issuer.create(request);
        },
      }),
    });
    const codes = await Promise.all([1, 2, 3].map(async () => describeDecision(await world.ask(BERLIN))));
    expect(codes).toEqual(['INVOICE_UNAVAILABLE', 'INVOICE_UNAVAILABLE', 'INVOICE_UNAVAILABLE']);
    expect(failures).toBe(1);
    expect(describeDecision(await world.ask(BERLIN))).toBe('challenge');
  });
});

/** A wallet that answers when the test says so, one call after the other. */
function slowWallet(): {
  wrap: (issuer: InvoiceIssuer) => InvoiceIssuer;
  answerNext: () => void;
  readonly waiting: number;
} {
  const waiting: (() => void)[] = [];
  const turn = () => new Promise<void>((resolve) => void waiting.push(resolve));
  return {
    wrap: (issuer) =>
      changed(issuer, {
        create: (request) => turn().then(() => issuer.create(request)),
        lookUp: (hash) => turn().then(() => issuer.lookUp(hash)),
        ...WITHOUT_NEWS,
      }),
    answerNext: () => waiting.shift()?.(),
    get waiting() {
      return waiting.length;
    },
  };
}

const untilAsked = () => new Promise(setImmediate);

describe('while a slow wallet makes an invoice', () => {
  it('who comes without a secret ten seconds after another who waits has one of his own', async () => {
    const wallet = slowWallet();
    const world = await createWorld({ wrapIssuer: wallet.wrap });
    const first = world.ask(BERLIN);
    await untilAsked();
    world.advance(9_999);
    const withFirst = world.ask(BERLIN);
    await untilAsked();
    world.advance(1);
    const second = world.ask(BERLIN);
    await untilAsked();
    expect(wallet.waiting).toBe(2);
    wallet.answerNext();
    wallet.answerNext();
    const [one, sharing, two] = (await Promise.all([first, withFirst, second])).map((said) => readOffer(said).invoice);
    expect(sharing).toBe(one);
    expect(two).not.toBe(one);
  });

  it('the ten seconds count from when it was asked for', async () => {
    const wallet = slowWallet();
    const world = await createWorld({
      wrapIssuer: (issuer) => changed(wallet.wrap(issuer), { onSettled: () => () => undefined }),
    });
    const first = world.ask(BERLIN);
    await untilAsked();
    world.advance(14_000);
    wallet.answerNext();
    const one = readOffer(await first).invoice;
    const second = world.ask(BERLIN);
    await untilAsked();
    wallet.answerNext();
    expect(readOffer(await second).invoice).not.toBe(one);
  });

  it('an answer that comes late takes no place from a later one', async () => {
    const answers: (() => void)[] = [];
    const world = await createWorld({
      wrapIssuer: (issuer) =>
        changed(issuer, {
          create: (request) =>
            new Promise<void>((resolve) => void answers.push(resolve)).then(() => issuer.create(request)),
        }),
    });
    const first = world.ask(BERLIN);
    await untilAsked();
    world.advance(10_000);
    const second = world.ask(BERLIN);
    await untilAsked();
    answers[1]?.();
    const two = readOffer(await second).invoice;
    answers[0]?.();
    await first;
    expect(readOffer(await world.ask(BERLIN)).invoice).toBe(two);
  });

  it('nobody joins the question whether an invoice is still open that was asked for ten seconds ago', async () => {
    const wallet = slowWallet();
    const world = await createWorld({ wrapIssuer: wallet.wrap });
    const first = world.ask(BERLIN);
    await untilAsked();
    wallet.answerNext();
    const one = readOffer(await first).invoice;
    world.advance(9_000);
    const repeated = world.ask(BERLIN);
    await untilAsked();
    world.advance(1_000);
    const later = world.ask(BERLIN);
    await untilAsked();
    for (let answers = 0; answers < 3; answers += 1) {
      wallet.answerNext();
      await untilAsked();
    }
    await repeated;
    expect(readOffer(await later).invoice).not.toBe(one);
  });

  it('who shows the same secret shares it, however long it takes', async () => {
    const wallet = slowWallet();
    const world = await createWorld({ wrapIssuer: wallet.wrap });
    const ask = withKey(freshSecret());
    const first = world.ask(BERLIN, ask);
    await untilAsked();
    world.advance(60_000);
    const second = world.ask(BERLIN, ask);
    await untilAsked();
    wallet.answerNext();
    expect(readOffer(await second)).toEqual(readOffer(await first));
    expect(world.issued).toBe(1);
  });

  it('who comes every ten seconds is held to the limit of invoices', async () => {
    const wallet = slowWallet();
    const limits = { invoicesPerAddress: { burst: 2, perSecond: 0.001 } };
    const world = await createWorld({ wrapIssuer: wallet.wrap, limits });
    const asked: Promise<unknown>[] = [];
    for (let round = 0; round < 3; round += 1) {
      asked.push(world.ask(BERLIN).then(describeDecision));
      await untilAsked();
      world.advance(10_000);
    }
    expect(wallet.waiting).toBe(2);
    expect(await asked[2]).toBe('TOO_MANY_INVOICES');
  });
});

describe('a wallet that tells no news', () => {
  function withoutNews(
    lookUps: string[],
    change: Partial<InvoiceIssuer> = {},
  ): (issuer: InvoiceIssuer) => InvoiceIssuer {
    return (issuer) => ({
      network: 'regtest',
      preimageIsProof: true,
      create: (request) => issuer.create(request),
      lookUp: (hash) => {
        lookUps.push(hash);
        return issuer.lookUp(hash);
      },
      ...change,
    });
  }

  it('is asked before an invoice is offered again', async () => {
    const lookUps: string[] = [];
    const world = await createWorld({ wrapIssuer: withoutNews(lookUps) });
    const first = readOffer(await world.ask(BERLIN));
    expect(lookUps).toEqual([]);
    expect(readOffer(await world.ask(BERLIN))).toEqual(first);
    expect(lookUps).toHaveLength(1);
    await world.pay(first.invoice);
    expect(readOffer(await world.ask(BERLIN)).invoice).not.toBe(first.invoice);
  });

  it('and when it cannot answer, another invoice is offered, since that one may be paid', async () => {
    const broken = { lookUp: () => Promise.reject(new SatwayError('WALLET_TIMEOUT')) };
    const world = await createWorld({ wrapIssuer: withoutNews([], broken) });
    const first = readOffer(await world.ask(BERLIN));
    const second = readOffer(await world.ask(BERLIN));
    expect(second.invoice).not.toBe(first.invoice);
  });

  it('is not asked more often than the limits for invoices allow', async () => {
    const lookUps: string[] = [];
    const limits = { invoicesPerAddress: { burst: 3, perSecond: 1 } };
    const world = await createWorld({ wrapIssuer: withoutNews(lookUps), limits });
    const seen = [];
    for (let round = 0; round < 5; round += 1) seen.push(describeDecision(await world.ask(BERLIN)));
    expect(seen).toEqual(['challenge', 'challenge', 'challenge', 'TOO_MANY_INVOICES', 'TOO_MANY_INVOICES']);
    expect(lookUps).toHaveLength(2);
  });
});

describe('limits', () => {
  it('hold new invoices back by address, with Retry-After, and let others pass', async () => {
    const world = await createWorld({ limits: { invoicesPerAddress: { burst: 2, perSecond: 0.1 } } });
    const decisions = [];
    for (let round = 0; round < 3; round += 1) decisions.push(await world.ask(BERLIN, withKey(freshSecret())));
    expect(decisions.map(describeDecision)).toEqual(['challenge', 'challenge', 'TOO_MANY_INVOICES']);
    const last = answerOf(await world.ask(BERLIN, withKey(freshSecret())));
    expect(last.status).toBe(429);
    expect(headerOf(last, 'Retry-After')).toBe('10');
    expect(describeDecision(await world.ask(BERLIN, { from: '198.51.100.1' }))).toBe('challenge');
    expect(describeDecision(await world.ask('/ping'))).toBe('free');
  });

  it('hold the wallet to its rate when 10,000 callers come with addresses of their own, in bounded memory', async () => {
    const limits = { ...DEFAULT_GATE_LIMITS, invoicesPerWallet: { burst: 40, perSecond: 10 } };
    const world = await createWorld({ limits });
    const seen = new Map<string, number>();
    for (let caller = 0; caller < 10_000; caller += 1) {
      const from = `10.${caller >> 16}.${(caller >> 8) & 255}.${caller & 255}`;
      const said = describeDecision(await world.ask(BERLIN, withKey(freshSecret(), { from })));
      seen.set(said, (seen.get(said) ?? 0) + 1);
    }
    expect(Object.fromEntries(seen)).toEqual({ challenge: 40, TOO_MANY_INVOICES: 9_960 });
    expect(world.issued).toBe(40);
    expect(world.storeCalls).toEqual([]);
  });

  it('count the calls to the wallet that are under way', async () => {
    const never = new Promise<never>(() => undefined);
    const world = await createWorld({
      limits: { invoicesInFlight: 2 },
      wrapIssuer: (issuer) => ({ ...tellsNothing(issuer), create: () => never }),
    });
    void world.ask(BERLIN, withKey(freshSecret()));
    void world.ask(BERLIN, withKey(freshSecret()));
    await Promise.resolve();
    await new Promise(setImmediate);
    expect(describeDecision(await world.ask(BERLIN, withKey(freshSecret())))).toBe('TOO_MANY_INVOICES');
  });

  it('hold requests back by address, and by address and endpoint', async () => {
    const limits = {
      requestsPerAddress: { burst: 3, perSecond: 1 },
      requestsPerAddressAndEndpoint: { burst: 2, perSecond: 1 },
    };
    const world = await createWorld({ limits });
    expect(describeDecision(await world.ask('/ping'))).toBe('free');
    expect(describeDecision(await world.ask('/ping'))).toBe('free');
    expect(describeDecision(await world.ask(BERLIN))).toBe('challenge');
    expect(await world.ask(BERLIN)).toMatchObject({ code: 'TOO_MANY_REQUESTS', answer: { status: 429 } });
    const other = await createWorld({ limits });
    for (let round = 0; round < 2; round += 1) await other.ask('/ping');
    expect(describeDecision(await other.ask('/ping'))).toBe('TOO_MANY_REQUESTS');
  });

  it('are on when nothing is configured', async () => {
    const world = await createWorld({ limits: DEFAULT_GATE_LIMITS, endpoints: ENDPOINTS });
    const seen = new Set<string>();
    for (let round = 0; round < 40; round += 1)
      seen.add(describeDecision(await world.ask(BERLIN, withKey(freshSecret()))));
    expect([...seen]).toEqual(['challenge', 'TOO_MANY_INVOICES']);
  });
});
