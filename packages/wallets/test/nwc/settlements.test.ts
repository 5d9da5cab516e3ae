import type { SettledNotice } from '@satway/wallets';
import { createNwcIssuer } from '@satway/wallets/nwc';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type RelayScript, type ScriptedRelay, startScriptedRelay } from '../../../../test/support/nwc/index.js';
import { newNostrKey, type NostrEvent, type NostrKey, signEvent } from '../../src/nwc/nostr/index.js';
import { newBill, result, walletScript, type WalletScript } from './scripted-wallet.js';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const thing of open.splice(0).toReversed()) await thing.close();
});

const NOTIFYING = {
  tags: [
    ['encryption', 'nip44_v2'],
    ['notifications', 'payment_received payment_sent'],
  ],
};
const KIND = { nip44_v2: 23_197, nip04: 23_196 } as const;

async function follow(script: WalletScript, more: RelayScript = { info: NOTIFYING }) {
  const relay = await startScriptedRelay(walletScript(script, more));
  open.push(relay);
  const issuer = createNwcIssuer({ uri: relay.uri, callTimeoutMs: 20_000 });
  open.push(issuer);
  const notices: SettledNotice[] = [];
  const stop = issuer.onSettled?.((notice) => notices.push(notice)) ?? (() => undefined);
  return { relay, issuer, notices, stop };
}

const followsNotifications = (relay: ScriptedRelay): boolean =>
  relay.filters.some((filter) => /2319[67]/.test(JSON.stringify(filter)));

function notification(
  relay: ScriptedRelay,
  body: unknown,
  {
    encryption = 'nip44_v2',
    author = relay.parties.wallet,
    recipient = relay.parties.client.pubkeyHex,
  }: { encryption?: 'nip44_v2' | 'nip04'; author?: NostrKey; recipient?: string } = {},
): NostrEvent {
  const content = relay.seal(body, encryption);
  const draft = {
    kind: KIND[encryption],
    createdAtSeconds: Math.floor(Date.now() / 1000),
    tags: [['p', recipient]],
    content,
  };
  return signEvent(draft, author);
}

const received = (paymentHashHex: string, more: Readonly<Record<string, unknown>> = {}, type = 'payment_received') => ({
  notification_type: type,
  notification: {
    type: 'incoming',
    state: 'settled',
    payment_hash: paymentHashHex,
    amount: 5_000,
    preimage: 'cd'.repeat(32),
    ...more,
  },
});

const HASH = 'ab'.repeat(32);

describe('a wallet with notifications', () => {
  it.each(['nip44_v2', 'nip04'] as const)(
    'tells of a settlement by %s, each once, without the preimage',
    async (encryption) => {
      const tags = [
        ['encryption', encryption],
        ['notifications', 'payment_received'],
      ];
      const { relay, notices } = await follow({}, { info: { tags } });
      await expect.poll(() => followsNotifications(relay)).toBe(true);
      const event = notification(relay, received(HASH), { encryption });
      relay.broadcast(event);
      relay.broadcast(event);
      relay.broadcast(notification(relay, received('ef'.repeat(32)), { encryption }));
      await expect
        .poll(() => notices)
        .toEqual([
          { paymentHashHex: HASH, amountReceivedMsat: 5_000 },
          { paymentHashHex: 'ef'.repeat(32), amountReceivedMsat: 5_000 },
        ]);
    },
  );

  it('is not believed by another author, nor for another client, nor when it speaks of something else', async () => {
    const { relay, notices } = await follow({});
    await expect.poll(() => followsNotifications(relay)).toBe(true);
    const forged = [
      notification(relay, received(HASH, { amount: -5_000 })),
      notification(relay, received(HASH), { author: newNostrKey() }),
      { ...notification(relay, received(HASH)), sig: '0'.repeat(128) },
      notification(relay, received(HASH), { recipient: newNostrKey().pubkeyHex }),
      notification(relay, received(HASH), { encryption: 'nip04' }),
      notification(relay, received(HASH, {}, 'payment_sent')),
      notification(relay, received(HASH, { type: 'outgoing' })),
      notification(relay, received('no hash')),
      notification(relay, 'no notification'),
    ];
    for (const event of forged) relay.broadcast(event);
    relay.broadcast(notification(relay, received('ef'.repeat(32))));
    await expect.poll(() => notices).toEqual([{ paymentHashHex: 'ef'.repeat(32), amountReceivedMsat: 5_000 }]);
  });

  it('is asked for the open invoices after a lost connection, since what was said meanwhile is gone', async () => {
    const bill = newBill();
    let isPaid = false;
    const { relay, issuer, notices } = await follow({
      make_invoice: (_request, { answer }) => answer(result('make_invoice', { invoice: bill.invoice })),
      lookup_invoice: (_request, { answer }) =>
        answer(
          result('lookup_invoice', {
            payment_hash: bill.paymentHashHex,
            state: isPaid ? 'settled' : 'pending',
            amount: 5_000,
            expires_at: 4_000_000_000,
          }),
        ),
    });
    await issuer.create({ amountMsat: 5_000, description: '', expirySeconds: 600 });
    await expect.poll(() => followsNotifications(relay)).toBe(true);
    isPaid = true;
    relay.cut();
    await expect
      .poll(() => notices, { timeout: 5_000 })
      .toEqual([{ paymentHashHex: bill.paymentHashHex, amountReceivedMsat: 5_000 }]);
  });

  it('says nothing more after it was told to stop', async () => {
    const { relay, notices, stop } = await follow({});
    await expect.poll(() => followsNotifications(relay)).toBe(true);
    relay.broadcast(notification(relay, received(HASH)));
    await expect.poll(() => notices).toHaveLength(1);
    stop();
    relay.broadcast(notification(relay, received('ef'.repeat(32))));
    expect(await (open.at(-1) as unknown as ReturnType<typeof createNwcIssuer>).lookUp(HASH)).toEqual({
      state: 'notFound',
    });
    expect(notices).toHaveLength(1);
  });
});

describe('a wallet with many open invoices', () => {
  it('is asked for some of them at a time, the newest first', async () => {
    const bills = Array.from({ length: 25 }, () => newBill());
    const made = [...bills];
    const relay = await startScriptedRelay(
      walletScript(
        {
          make_invoice: (_request, { answer }) => answer(result('make_invoice', { invoice: made.shift()?.invoice })),
          lookup_invoice: ({ params }, { answer }) =>
            answer(result('lookup_invoice', { ...params, state: 'pending', amount: 5_000, expires_at: 4_000_000_000 })),
        },
        { info: {} },
      ),
    );
    open.push(relay);
    const issuer = createNwcIssuer({ uri: relay.uri });
    open.push(issuer);
    for (const bill of bills) {
      expect(await issuer.create({ amountMsat: bill.amountMsat, description: '', expirySeconds: 600 })).toBeTruthy();
    }
    const looked = () => relay.requests.filter(({ method }) => method === 'lookup_invoice').map(({ params }) => params);
    // So that no second round begins.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const stop = issuer.onSettled?.(() => undefined);
    await expect.poll(() => looked().length, { timeout: 10_000 }).toBe(20);
    await issuer.lookUp(HASH);
    stop?.();
    const newest = bills.slice(5).toReversed();
    expect(looked()).toEqual(
      [...newest, { paymentHashHex: HASH }].map(({ paymentHashHex: hash }) => ({ payment_hash: hash })),
    );
  });
});

describe('a wallet that gives its invoices a longer life than it is asked for', () => {
  it('is asked for them for as long as they can be paid', async () => {
    const bill = newBill(5_000, 'regtest', 3_600);
    const relay = await startScriptedRelay(
      walletScript(
        {
          make_invoice: (_request, { answer }) => answer(result('make_invoice', { invoice: bill.invoice })),
          lookup_invoice: ({ params }, { answer }) =>
            answer(result('lookup_invoice', { ...params, state: 'pending', amount: 5_000, expires_at: 4_000_000_000 })),
        },
        { info: {} },
      ),
    );
    open.push(relay);
    const issuer = createNwcIssuer({ uri: relay.uri });
    open.push(issuer);
    await issuer.create({ amountMsat: bill.amountMsat, description: '', expirySeconds: 600 });
    const startedMs = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => startedMs + 3_000_000);
    issuer.onSettled?.(() => undefined);
    const looked = () => relay.requests.filter(({ method }) => method === 'lookup_invoice');
    // One that is over is asked for a last time; this one again and again.
    await expect.poll(() => looked().length, { timeout: 10_000 }).toBe(2);
  });
});

describe('a wallet that is being asked when it is told to stop', () => {
  it('says nothing of the answer', async () => {
    const bill = newBill();
    let answerLater: (() => void) | null = null;
    const { issuer, relay, notices, stop } = await follow(
      {
        make_invoice: (_request, { answer }) => answer(result('make_invoice', { invoice: bill.invoice })),
        lookup_invoice: (_request, { answer }) => {
          const body = { payment_hash: bill.paymentHashHex, state: 'settled', amount: 5_000 };
          const first = answerLater === null;
          answerLater = () => answer(result('lookup_invoice', body));
          if (!first) answerLater();
        },
      },
      { info: {} },
    );
    await issuer.create({ amountMsat: 5_000, description: '', expirySeconds: 600 });
    await expect.poll(() => relay.requests.at(-1)?.method, { timeout: 10_000 }).toBe('lookup_invoice');
    stop();
    (answerLater as (() => void) | null)?.();
    // Another question over the same connection, so that the answer has been read when it is answered.
    expect(await issuer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'settled' });
    expect(notices).toEqual([]);
  });
});

describe('a wallet without notifications, or behind a relay that does not serve them', () => {
  it.each([
    ['offers none', { info: {} }],
    [
      'is refused by the relay',
      { info: NOTIFYING, serves: (filter) => (JSON.stringify(filter).includes('23197') ? 'restricted: no' : true) },
    ],
  ] satisfies [string, RelayScript][])('has its open invoices looked up, when it %s', async (_what, more) => {
    const bill = newBill();
    let looks = 0;
    const { issuer, notices } = await follow(
      {
        make_invoice: (_request, { answer }) => answer(result('make_invoice', { invoice: bill.invoice })),
        lookup_invoice: (_request, { answer }) => {
          looks += 1;
          const state = looks < 2 ? 'pending' : 'settled';
          answer(
            result('lookup_invoice', {
              payment_hash: bill.paymentHashHex,
              state,
              amount: 5_000,
              expires_at: 4_000_000_000,
            }),
          );
        },
      },
      more,
    );
    await issuer.create({ amountMsat: 5_000, description: '', expirySeconds: 600 });
    await expect
      .poll(() => notices, { timeout: 10_000 })
      .toEqual([{ paymentHashHex: bill.paymentHashHex, amountReceivedMsat: 5_000 }]);
  });
});
