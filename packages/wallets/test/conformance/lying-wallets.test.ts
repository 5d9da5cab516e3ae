import { decodeInvoice, encodeInvoice, type InvoiceToEncode } from '@satway/protocol';
import type {
  InvoiceIssuer,
  InvoicePayer,
  InvoiceRequest,
  IssuedInvoice,
  PaymentOutcome,
  PayRequest,
} from '@satway/wallets';
import { heldInvoiceCases, issuerCases, payerCases } from '@satway/wallets/conformance';
import { createSandboxNetwork, type SandboxNetwork } from '@satway/wallets/sandbox';
import { describe, expect, it } from 'vitest';
import { makeIssuerFixture, makePayerFixture } from './sandbox-fixtures.js';

/** A wallet of the sandbox that does something else than it should. */
interface Lie<Wallet> {
  readonly lie: string;
  /** The case that must find it. */
  readonly caughtBy: string;
  readonly tell: (honest: Wallet, network: SandboxNetwork) => Wallet;
}

/** The same wallet with some of its calls replaced; getters keep working. */
function replacing<Wallet extends object>(honest: Wallet, calls: Partial<Wallet>): Wallet {
  return Object.create(honest, Object.getOwnPropertyDescriptors(calls)) as Wallet;
}

const settledOnly = (change: (outcome: PaymentOutcome & { state: 'settled' }) => PaymentOutcome) => {
  return (outcome: PaymentOutcome): PaymentOutcome => (outcome.state === 'settled' ? change(outcome) : outcome);
};

const failed: PaymentOutcome = { state: 'failed', reason: 'other', detail: 'It failed.' };

/** Lets money go that nobody is told of. */
async function loseMoney(honest: InvoicePayer, network: SandboxNetwork, amountMsat: number): Promise<void> {
  const { invoice, paymentHashHex } = await network
    .node('seller')
    .issuer.create({ amountMsat, description: 'lost', expirySeconds: 60 });
  await honest.pay({ invoice, paymentHashHex, amountMsat, feeLimitMsat: 0, timeoutMs: 5000 });
}

const PAYS = 'pays, proves it with the preimage, and costs what it says';
const SECOND = 'answers unknown to a second payment of the same invoice, which costs nothing';
const IN_FLIGHT = 'answers unknown at its time limit, finds the payment in flight, and later settled';

const payerLies: readonly Lie<InvoicePayer>[] = [
  {
    lie: 'says failed of a payment that settles',
    caughtBy: PAYS,
    tell: (honest) =>
      replacing(honest, { pay: async (request) => settledOnly(() => failed)(await honest.pay(request)) }),
  },
  {
    lie: 'shows a preimage of something else',
    caughtBy: PAYS,
    tell: (honest) =>
      replacing(honest, {
        pay: async (request) =>
          settledOnly((outcome) => ({ ...outcome, preimageHex: '77'.repeat(32) }))(await honest.pay(request)),
      }),
  },
  {
    lie: 'takes more than it says',
    caughtBy: PAYS,
    tell: (honest, network) =>
      replacing(honest, {
        pay: async (request) => {
          const outcome = await honest.pay(request);
          if (outcome.state === 'settled') await loseMoney(honest, network, 1);
          return outcome;
        },
      }),
  },
  {
    lie: 'tells a fee that it did not take',
    caughtBy: PAYS,
    tell: (honest) =>
      replacing(honest, {
        pay: async (request) => settledOnly((outcome) => ({ ...outcome, feeMsat: 1 }))(await honest.pay(request)),
      }),
  },
  {
    lie: 'takes a fee above its limit',
    caughtBy: 'takes no fee where the fee limit is zero, or does not pay',
    tell: (honest, network) => {
      network.setRoutingFee({ baseMsat: 50, proportionalMillionths: 0 });
      return replacing(honest, { pay: (request) => honest.pay({ ...request, feeLimitMsat: 10_000 }) });
    },
  },
  {
    lie: 'pays again when it is asked again',
    caughtBy: SECOND,
    tell: (honest, network) => {
      const paid = new Set<string>();
      return replacing(honest, {
        pay: async (request) => {
          if (paid.has(request.paymentHashHex)) await loseMoney(honest, network, request.amountMsat);
          paid.add(request.paymentHashHex);
          return honest.pay(request);
        },
      });
    },
  },
  {
    lie: 'pays twice when it is asked twice at once',
    caughtBy: 'settles one of two payments of one invoice at once, and knows it for both',
    tell: (honest, network) =>
      replacing(honest, {
        pay: async (request) => {
          const outcome = await honest.pay(request);
          const again = request.mayHaveBeenSentBefore !== true && request.amountMsat === 4000;
          if (outcome.state === 'unknown' && again) await loseMoney(honest, network, request.amountMsat);
          return outcome;
        },
      }),
  },
  {
    lie: 'says failed to a second payment',
    caughtBy: SECOND,
    tell: (honest) =>
      replacing(honest, {
        pay: async (request) => {
          const outcome = await honest.pay(request);
          return outcome.state === 'unknown' && request.timeoutMs > 5000 ? failed : outcome;
        },
      }),
  },
  {
    lie: 'says failed of a paid invoice because it has expired since',
    caughtBy: 'says nothing about a paid invoice from its having expired since',
    tell: (honest) =>
      replacing(honest, {
        pay: async (request) => {
          const outcome = await honest.pay(request);
          const isExpired = outcome.state === 'unknown' && outcome.detail.includes('expired');
          return isExpired ? { ...failed, reason: 'expired' as const } : outcome;
        },
      }),
  },
  {
    lie: 'says failed at its time limit, and settles later',
    caughtBy: IN_FLIGHT,
    tell: (honest) =>
      replacing(honest, {
        pay: async (request) => {
          const outcome = await honest.pay(request);
          return outcome.state === 'unknown' && request.timeoutMs < 5000 ? failed : outcome;
        },
      }),
  },
  {
    lie: 'knows nothing of what is in flight',
    caughtBy: IN_FLIGHT,
    tell: (honest) =>
      replacing(honest, {
        lookUp: async (hash) => {
          const found = await honest.lookUp(hash);
          return found.state === 'inFlight' ? { state: 'notFound', walletNowMs: Date.now() } : found;
        },
      }),
  },
  {
    lie: 'calls failed what is in flight',
    caughtBy: IN_FLIGHT,
    tell: (honest) =>
      replacing(honest, {
        lookUp: async (hash) => {
          const found = await honest.lookUp(hash);
          return found.state === 'inFlight' ? { ...failed, walletNowMs: Date.now() } : found;
        },
      }),
  },
  {
    lie: 'forgets what it paid',
    caughtBy: 'tells the same when asked again',
    tell: (honest) =>
      replacing(honest, { lookUp: async () => ({ state: 'notFound' as const, walletNowMs: Date.now() }) }),
  },
  {
    lie: 'has failed payments of invoices that it never saw',
    caughtBy: 'has no record of a hash that it never sent, and tells its own time with that',
    tell: (honest) =>
      replacing(honest, {
        lookUp: async (hash) => {
          const found = await honest.lookUp(hash);
          return found.state === 'notFound' ? { ...failed, walletNowMs: Date.now() } : found;
        },
      }),
  },
  {
    lie: 'has a clock that is an hour off',
    caughtBy: 'has no record of a hash that it never sent, and tells its own time with that',
    tell: (honest) =>
      replacing(honest, { lookUp: async () => ({ state: 'notFound' as const, walletNowMs: Date.now() - 3_600_000 }) }),
  },
  {
    lie: 'takes money for an invoice that it refuses',
    caughtBy: 'fails for an invoice that had expired before it was sent',
    tell: (honest, network) =>
      replacing(honest, {
        pay: async (request: PayRequest) => {
          const outcome = await honest.pay(request);
          if (outcome.state === 'failed' && outcome.reason === 'expired') await loseMoney(honest, network, 1);
          return outcome;
        },
      }),
  },
  {
    lie: 'calls an invoice without an amount paid',
    caughtBy: 'fails for an invoice without an amount, whatever the caller says',
    tell: (honest) =>
      replacing(honest, {
        pay: async (request) => {
          const outcome = await honest.pay(request);
          const { amountMsat } = request;
          if (!JSON.stringify(outcome).includes('amountMissing')) return outcome;
          return { state: 'settled', preimageHex: '00'.repeat(32), amountMsat, feeMsat: 0 };
        },
      }),
  },
  {
    lie: 'tells a balance that never moves',
    caughtBy: PAYS,
    tell: (honest) => replacing(honest, { balance: async () => ({ spendableMsat: 1_000_000 }) }),
  },
  {
    lie: 'has a fee ceiling that is no whole number',
    caughtBy: 'says how much a fee can be at most',
    tell: (honest) => replacing(honest, { feeCeilingMsat: (amountMsat) => amountMsat / 300 }),
  },
];

const OPEN_THEN_SETTLED = 'reports an invoice open until it is paid, and then settled with the amount that came in';
const EXACTLY =
  'issues a signed invoice of its network with exactly the amount, description and expiry that were asked for';
const CALLS_BACK = 'calls back when an invoice is settled, and not after it was told to stop';

/** The same invoice with something else in it, signed by nobody that anybody knows; what is told beside it stays. */
function rewritten(issued: IssuedInvoice, change: Partial<InvoiceToEncode>): IssuedInvoice {
  const decoded = decodeInvoice(issued.invoice);
  if (!decoded.ok) throw new Error(decoded.detail);
  const { network, amountMsat, timestampSeconds, paymentHashHex, paymentSecretHex, expirySeconds } = decoded.value;
  const same = { network, amountMsat, timestampSeconds, paymentHashHex, paymentSecretHex, expirySeconds };
  const description = decoded.value.description ?? '';
  return { ...issued, invoice: encodeInvoice({ ...same, description, ...change }, Buffer.alloc(32, 7)) };
}

const rewriting = (change: Partial<InvoiceToEncode>, when: (request: InvoiceRequest) => boolean = () => true) => {
  return (honest: InvoiceIssuer): InvoiceIssuer =>
    replacing(honest, {
      create: async (request) =>
        when(request) ? rewritten(await honest.create(request), change) : honest.create(request),
    });
};

const issuerLies: readonly Lie<InvoiceIssuer>[] = [
  {
    lie: 'writes what is no invoice',
    caughtBy: EXACTLY,
    tell: (honest) =>
      replacing(honest, {
        create: async (request) => ({ ...(await honest.create(request)), invoice: 'lnbcrt1qqqqqq' }),
      }),
  },
  { lie: 'writes an invoice of another network', caughtBy: EXACTLY, tell: rewriting({ network: 'bitcoin' }) },
  { lie: 'writes another amount than it tells', caughtBy: EXACTLY, tell: rewriting({ amountMsat: 2346n }) },
  {
    lie: 'writes another amount where it is not whole satoshis',
    caughtBy: 'issues an amount that is not whole satoshis exactly, or refuses it',
    tell: rewriting({ amountMsat: 2000n }, ({ amountMsat }) => amountMsat % 1000 !== 0),
  },
  {
    lie: 'writes another expiry than it tells',
    caughtBy: EXACTLY,
    tell: (honest) =>
      replacing(honest, {
        create: async (request) => {
          const issued = await honest.create({ ...request, expirySeconds: 3600 });
          return { ...issued, createdAtMs: issued.expiresAtMs - request.expirySeconds * 1000 };
        },
      }),
  },
  {
    lie: 'says that it is on another network',
    caughtBy: 'knows its network after the first invoice',
    tell: (honest) => replacing(honest, { network: 'bitcoin' }),
  },
  {
    lie: 'calls an unpaid invoice settled',
    caughtBy: OPEN_THEN_SETTLED,
    tell: (honest) =>
      replacing(honest, {
        lookUp: async (hash) => {
          const found = await honest.lookUp(hash);
          return found.state === 'open' ? { state: 'settled', amountReceivedMsat: 3000, settledAtMs: null } : found;
        },
      }),
  },
  {
    lie: 'tells another amount than the one that came in',
    caughtBy: OPEN_THEN_SETTLED,
    tell: (honest) =>
      replacing(honest, {
        lookUp: async (hash) => {
          const found = await honest.lookUp(hash);
          return found.state === 'settled' ? { ...found, amountReceivedMsat: found.amountReceivedMsat + 1 } : found;
        },
      }),
  },
  {
    lie: 'settles at a time of its own',
    caughtBy: OPEN_THEN_SETTLED,
    tell: (honest) =>
      replacing(honest, {
        lookUp: async (hash) => {
          const found = await honest.lookUp(hash);
          return found.state === 'settled' ? { ...found, settledAtMs: 0 } : found;
        },
      }),
  },
  {
    lie: 'calls a cancelled invoice open',
    caughtBy: 'reports a cancelled invoice closed',
    tell: (honest) =>
      replacing(honest, {
        lookUp: async (hash) => {
          const found = await honest.lookUp(hash);
          return found.state === 'closed' ? { state: 'open', expiresAtMs: Date.now() } : found;
        },
      }),
  },
  {
    lie: 'never notices a payment',
    caughtBy: OPEN_THEN_SETTLED,
    tell: (honest) =>
      replacing(honest, {
        lookUp: async (hash) => {
          const found = await honest.lookUp(hash);
          return found.state === 'settled' ? { state: 'open', expiresAtMs: Date.now() + 1000 } : found;
        },
      }),
  },
  {
    lie: 'hands the preimage out',
    caughtBy: 'never shows a preimage',
    tell: (honest) =>
      replacing(honest, {
        lookUp: async (hash) => Object.assign(await honest.lookUp(hash), { preimage: '00'.repeat(32) }),
      }),
  },
  {
    lie: 'rounds to whole satoshis',
    caughtBy: EXACTLY,
    tell: (honest) =>
      replacing(honest, {
        create: (request) =>
          honest.create({ ...request, amountMsat: request.amountMsat - (request.amountMsat % 1000) }),
      }),
  },
  {
    lie: 'writes another description',
    caughtBy: EXACTLY,
    tell: (honest) =>
      replacing(honest, { create: (request) => honest.create({ ...request, description: 'something else' }) }),
  },
  {
    lie: 'cuts a long description off',
    caughtBy: 'keeps a long description whole, and refuses one that it cannot keep',
    tell: (honest) =>
      replacing(honest, {
        create: (request) => {
          const { description } = request;
          return honest.create({
            ...request,
            description: description.length > 639 ? description : description.slice(0, 100),
          });
        },
      }),
  },
  {
    lie: 'sets an expiry of its own',
    caughtBy: EXACTLY,
    tell: (honest) => replacing(honest, { create: (request) => honest.create({ ...request, expirySeconds: 3600 }) }),
  },
  {
    lie: 'tells another payment hash than the one in the invoice',
    caughtBy: EXACTLY,
    tell: (honest) =>
      replacing(honest, {
        create: async (request) => ({ ...(await honest.create(request)), paymentHashHex: '77'.repeat(32) }),
      }),
  },
  {
    lie: 'knows hashes that it never issued',
    caughtBy: 'does not know a hash that it never issued',
    tell: (honest) =>
      replacing(honest, {
        lookUp: async (hash) => {
          const found = await honest.lookUp(hash);
          return found.state === 'notFound' ? { state: 'closed' } : found;
        },
      }),
  },
  {
    lie: 'never closes an invoice',
    caughtBy: 'reports an invoice closed once it has expired unpaid',
    tell: (honest) =>
      replacing(honest, {
        lookUp: async (hash) => {
          const found = await honest.lookUp(hash);
          return found.state === 'closed' ? { state: 'open', expiresAtMs: Date.now() } : found;
        },
      }),
  },
  {
    lie: 'gives the same invoice out twice',
    caughtBy: 'gives each invoice a payment hash of its own',
    tell: (honest) => {
      const issued = new Map<number, ReturnType<InvoiceIssuer['create']>>();
      return replacing(honest, {
        create: (request) => {
          const same = issued.get(request.amountMsat) ?? honest.create(request);
          issued.set(request.amountMsat, same);
          return same;
        },
      });
    },
  },
  {
    lie: 'takes an amount of nothing',
    caughtBy: 'refuses an amount of 0 millisatoshis',
    tell: (honest) =>
      replacing(honest, {
        create: (request) => honest.create({ ...request, amountMsat: Math.max(1, request.amountMsat) }),
      }),
  },
  {
    lie: 'calls back with another amount',
    caughtBy: CALLS_BACK,
    tell: (honest) =>
      replacing(honest, {
        onSettled: (listener) =>
          honest.onSettled?.((notice) => listener({ ...notice, amountReceivedMsat: 1 })) ?? (() => undefined),
      }),
  },
  {
    lie: 'calls back after it was told to stop',
    caughtBy: CALLS_BACK,
    tell: (honest) =>
      replacing(honest, {
        onSettled: (listener) => {
          honest.onSettled?.(listener);
          return () => undefined;
        },
      }),
  },
];

const inProcess = (tell: {
  issuer?: Lie<InvoiceIssuer>['tell'];
  payer?: Lie<InvoicePayer>['tell'];
}): Parameters<typeof makePayerFixture>[0] => {
  return async (network) => {
    const { issuer } = network.node('seller');
    const { payer } = network.node('buyer');
    return {
      issuer: tell.issuer?.(issuer, network) ?? issuer,
      payer: tell.payer?.(payer, network) ?? payer,
      close: async () => undefined,
    };
  };
};

const named = <Wallet>(lies: readonly Lie<Wallet>[]) => lies.map((lie) => [lie.lie, lie] as const);

describe('the cases of the conformance suite', () => {
  it.each(named(payerLies))('find a payer that %s', async (_lie, { caughtBy, tell }) => {
    const fixture = await makePayerFixture(inProcess({ payer: tell }));
    const found = payerCases.find(({ name }) => name === caughtBy);
    await expect(found?.run(fixture)).rejects.toMatchObject({ code: 'WALLET_PROMISE_BROKEN' });
    await fixture.close();
  });

  it.each(named(issuerLies))('find an issuer that %s', async (_lie, { caughtBy, tell }) => {
    const fixture = await makeIssuerFixture(inProcess({ issuer: tell }));
    const found = issuerCases.find(({ name }) => name === caughtBy);
    await expect(found?.run(fixture)).rejects.toMatchObject({ code: 'WALLET_PROMISE_BROKEN' });
    await fixture.close();
  });

  it('find an issuer that takes fractions of a satoshi where it should refuse them', async () => {
    const fixture = { ...(await makeIssuerFixture(inProcess({}))), traits: { wholeSatsOnly: true } };
    const found = issuerCases.find(({ name }) => name.startsWith('issues an amount that is not whole satoshis'));
    await expect(found?.run(fixture)).rejects.toMatchObject({ code: 'WALLET_PROMISE_BROKEN' });
    await fixture.close();
  });

  it('find an issuer that calls held money its own', async () => {
    const tell: Lie<InvoiceIssuer>['tell'] = (honest) =>
      replacing(honest, {
        lookUp: async (hash) => {
          const found = await honest.lookUp(hash);
          return found.state === 'held' ? { state: 'settled', amountReceivedMsat: 2000, settledAtMs: null } : found;
        },
      });
    const fixture = await makeIssuerFixture(inProcess({ issuer: tell }));
    await expect(heldInvoiceCases[0]?.run(fixture)).rejects.toMatchObject({ code: 'WALLET_PROMISE_BROKEN' });
    await fixture.close();
  });

  it('fail for whoever lacks what they need, and never pass unseen', async () => {
    const network = createSandboxNetwork();
    const { payer, issuer } = network.addNode('alone', { balanceMsat: 1_000_000 });
    const alone = { payer, issuer, network: 'regtest' as const };
    const needy = [...payerCases.filter(needsSomebody), ...issuerCases.filter(needsSomebody), ...heldInvoiceCases];
    expect(needy.length).toBeGreaterThan(12);
    for (const { name, run } of needy) {
      await expect(run(alone), name).rejects.toMatchObject({ code: 'WALLET_PROMISE_BROKEN' });
    }
    network.close();
  });

  it('show no preimage in what they say of a liar', async () => {
    const tell: Lie<InvoicePayer>['tell'] = (honest) =>
      replacing(honest, { lookUp: async () => ({ state: 'settled', ...PAID_BY_SOMEBODY }) });
    const fixture = await makePayerFixture(inProcess({ payer: tell }));
    const told: string[] = [];
    for (const { run } of payerCases.filter(({ needs }) => !needs.includes('hold'))) {
      await run(fixture).catch((error: unknown) => told.push(String(error)));
    }
    expect(told.join()).toMatch(/preimageHex":"…"/);
    expect(told.join()).not.toMatch(/[0-9a-f]{64}/);
    await fixture.close();
  });
});

const PAID_BY_SOMEBODY = { preimageHex: '77'.repeat(32), amountMsat: 2000, feeMsat: 0 };

function needsSomebody({ needs }: { readonly needs: readonly string[] }): boolean {
  return needs.some((need) => ['counterpart', 'cancel', 'hold'].includes(need));
}
