import { connectNwcPayer } from '@satway/wallets/nwc';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { newParties, type RelayScript, startScriptedRelay, uriOf } from '../../../../test/support/nwc/index.js';
import { kept, LIMITS, relaysOf, sentTo, tellsBalance } from './scenes.js';
import { type Bill, newBill, paid, refusal, result, type WalletScript, walletScript } from './scripted-wallet.js';

afterEach(() => void vi.useRealTimers());

/** A wallet that has such a record of the payment. */
const tellsRecord =
  ({ paymentHashHex }: Bill, state: string): WalletScript[string] =>
  (_request, { answer }) =>
    answer(result('lookup_invoice', { type: 'outgoing', payment_hash: paymentHashHex, state }));

describe('several relays', () => {
  it('are one enough: the others may be down', async () => {
    const parties = newParties();
    const [relay] = await relaysOf(parties, walletScript(tellsBalance));
    const uri = uriOf(parties, ['ws://127.0.0.1:1/', relay?.url ?? '', 'ws://127.0.0.1:2/']);
    const payer = kept(await connectNwcPayer({ uri }));
    expect(await payer.balance()).toEqual({ spendableMsat: 21_000 });
  });

  it('are all asked what changes nothing, and the first answer counts', async () => {
    const parties = newParties();
    const silent = walletScript({ get_info: () => undefined, get_balance: () => undefined });
    const relays = await relaysOf(parties, silent, walletScript(tellsBalance), silent);
    const payer = kept(
      await connectNwcPayer({
        uri: uriOf(
          parties,
          relays.map(({ url }) => url),
        ),
      }),
    );
    expect(await payer.balance()).toEqual({ spendableMsat: 21_000 });
  });

  it('carry one payment over one of them', async () => {
    const bill = newBill();
    const parties = newParties();
    const pays = walletScript({ pay_invoice: (_request, { answer }) => answer(paid(bill)) });
    const relays = await relaysOf(parties, pays, pays);
    const payer = kept(
      await connectNwcPayer({
        uri: uriOf(
          parties,
          relays.map(({ url }) => url),
        ),
      }),
    );
    expect(await payer.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'settled' });
    expect(relays.map((relay) => sentTo(relay, 'pay_invoice'))).toContain(1);
    expect(relays.map((relay) => sentTo(relay, 'pay_invoice'))).toContain(0);
  });

  it('carry a payment over the next when one gives no answer, and it is the same event', async () => {
    const bill = newBill();
    const parties = newParties();
    const events: string[] = [];
    const script = walletScript({
      pay_invoice: ({ event }, { answer }) => {
        events.push(event.id);
        if (events.length === 2) answer(paid(bill));
      },
    });
    const relays = await relaysOf(parties, script, script);
    const payer = kept(
      await connectNwcPayer({
        uri: uriOf(
          parties,
          relays.map(({ url }) => url),
        ),
      }),
    );
    expect(await payer.pay({ ...bill, ...LIMITS, timeoutMs: 8_000 })).toMatchObject({ state: 'settled' });
    expect(events[1]).toBe(events[0]);
  });

  it.each(['refuses', 'is lost'] as const)('carry a payment over the next at once when one %s', async (fault) => {
    const bill = newBill();
    const parties = newParties();
    let isFirst = true;
    const script: RelayScript = {
      ...walletScript({
        pay_invoice: (_request, { answer, socket }) => {
          if (!isFirst) answer(paid(bill));
          else if (fault === 'is lost') socket.terminate();
          isFirst = false;
        },
      }),
      accepts: (event) => {
        const isPayment = event.tags.some(([name]) => name === 'expiration');
        return fault === 'refuses' && isFirst && isPayment ? 'blocked: not here' : true;
      },
    };
    const relays = await relaysOf(parties, script, script);
    const uri = uriOf(
      parties,
      relays.map(({ url }) => url),
    );
    const payer = kept(await connectNwcPayer({ uri }));
    // So that what comes after a while alone does not come at all.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    expect(await payer.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'settled' });
  });

  it.each([
    ['QUOTA_EXCEEDED', null],
    ['QUOTA_EXCEEDED', 'failed'],
    ['RESTRICTED', null],
  ])(
    'leave a payment unknown that was refused after two of them carried it (%s, record: %s): the refusal may be that of the copy',
    async (code, recorded) => {
      const bill = newBill();
      const parties = newParties();
      let copies = 0;
      const script = walletScript({
        pay_invoice: (_request, { answer }) => {
          copies += 1;
          if (copies === 2) answer(refusal('pay_invoice', code));
        },
        ...(recorded === null ? {} : { lookup_invoice: tellsRecord(bill, recorded) }),
      });
      const relays = await relaysOf(parties, script, script);
      const uri = uriOf(
        parties,
        relays.map(({ url }) => url),
      );
      const payer = kept(await connectNwcPayer({ uri }));
      expect(await payer.pay({ ...bill, ...LIMITS, timeoutMs: 1_000 })).toEqual({
        state: 'unknown',
        detail: expect.stringContaining(code) as string,
      });
      expect(copies).toBe(2);
    },
  );

  it('tell the newest info event of a relay, and a forged one of none', async () => {
    const parties = newParties();
    const relay = kept(
      await startScriptedRelay(
        {
          ...walletScript(tellsBalance),
          onConnection: (socket) =>
            socket.on('message', (data) => {
              const [name, id] = JSON.parse((data as Buffer).toString()) as [string, string];
              const forged = {
                id: 'ab'.repeat(32),
                pubkey: parties.wallet.pubkeyHex,
                created_at: 9_999_999_999,
                kind: 13_194,
                tags: [],
                content: '',
                sig: 'cd'.repeat(64),
              };
              if (name === 'REQ') socket.send(JSON.stringify(['EVENT', id, forged]));
            }),
        },
        parties,
      ),
    );
    const payer = kept(await connectNwcPayer({ uri: relay.uri }));
    await payer.balance();
    // A forged info event without an encryption tag would have made it NIP-04.
    expect(relay.requests.map(({ encryption }) => encryption)).toEqual(['nip44_v2', 'nip44_v2']);
  });
});
