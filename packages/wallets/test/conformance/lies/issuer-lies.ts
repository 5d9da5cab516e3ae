import { decodeInvoice, encodeInvoice, type InvoiceToEncode } from '@satway/protocol';
import type { InvoiceIssuer, InvoiceRequest, IssuedInvoice } from '@satway/wallets';
import { type Lie, replacing } from './lie.js';

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

export const issuerLies: readonly Lie<InvoiceIssuer>[] = [
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
