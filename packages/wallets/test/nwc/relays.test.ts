import type { PayingWallet } from '@satway/wallets';
import { connectNwcPayer, createNwcIssuer } from '@satway/wallets/nwc';
import { afterEach, describe, expect, it } from 'vitest';
import {
  newParties,
  type Parties,
  type RelayScript,
  type ScriptedRelay,
  startScriptedRelay,
  uriOf,
} from '../../../../test/support/nwc/index.js';
import { newNostrKey } from '../../src/nwc/nostr/index.js';
import {
  newBill,
  paid,
  refusal,
  result,
  startScriptedPayer,
  walletScript,
  type WalletScript,
} from './scripted-wallet.js';

const open: { close(): Promise<void> }[] = [];
const kept = <T extends { close(): Promise<void> }>(thing: T): T => {
  open.push(thing);
  return thing;
};

afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing.close();
});

const balance: WalletScript = {
  get_balance: (_request, { answer }) => answer(result('get_balance', { balance: 21_000 })),
};
const LIMITS = { feeLimitMsat: 1_000, timeoutMs: 5_000 };

async function scene(
  script: WalletScript,
  more: RelayScript = {},
): Promise<{ payer: PayingWallet; relay: ScriptedRelay }> {
  const { payer, relay } = await startScriptedPayer(script, more);
  return { payer: kept(payer), relay: kept(relay) };
}

async function relaysOf(parties: Parties, ...scripts: readonly RelayScript[]): Promise<ScriptedRelay[]> {
  return Promise.all(scripts.map(async (script) => kept(await startScriptedRelay(script, parties))));
}

const sentTo = (relay: ScriptedRelay | undefined, method: string): number =>
  relay?.requests.filter((request) => request.method === method).length ?? Number.NaN;

describe('one relay', () => {
  it('that drops the connection is connected to again for the next question', async () => {
    const { payer, relay } = await scene(balance);
    relay.cut();
    expect(await payer.balance()).toEqual({ spendableMsat: 21_000 });
    expect(relay.connections()).toBe(2);
  });

  it('cut in mid-payment is followed again, the answer that came meanwhile is found, and nothing is sent twice', async () => {
    const bill = newBill();
    const { payer, relay } = await scene(
      {
        pay_invoice: (_request, { answer, socket }) => {
          socket.terminate();
          answer(paid(bill));
        },
      },
      { keepsAnswers: true },
    );
    expect(await payer.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'settled' });
    expect(sentTo(relay, 'pay_invoice')).toBe(1);
  });

  it('cut in mid-payment brings an answer that comes after it is followed again', async () => {
    const bill = newBill();
    let answerLater: (() => void) | null = null;
    const { payer, relay } = await scene(
      {
        pay_invoice: (_request, { answer, socket }) => {
          answerLater = () => answer(paid(bill));
          socket.terminate();
        },
      },
      {
        serves: () => {
          const answerNow = answerLater;
          if (answerNow !== null) setImmediate(answerNow);
          return true;
        },
      },
    );
    expect(await payer.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'settled' });
    expect(sentTo(relay, 'pay_invoice')).toBe(1);
  });

  it('cut before it took a question of a harmless kind is asked again', async () => {
    let isFirst = true;
    const { payer, relay } = await scene({
      get_balance: (_request, { answer, socket }) => {
        if (isFirst) socket.terminate();
        else answer(result('get_balance', { balance: 5 }));
        isFirst = false;
      },
    });
    expect(await payer.balance()).toEqual({ spendableMsat: 5 });
    expect(sentTo(relay, 'get_balance')).toBe(2);
  });

  it('that refuses the request leaves a payment unknown, since its word proves nothing', async () => {
    const { payer } = await scene(
      {},
      { accepts: (event) => (event.tags.some(([name]) => name === 'expiration') ? 'rate-limited: slow down' : true) },
    );
    expect(await payer.pay({ ...newBill(), ...LIMITS, timeoutMs: 20_000 })).toMatchObject({
      state: 'unknown',
      detail: expect.stringContaining('rate-limited') as string,
    });
  });

  it('that serves no subscription cannot be used, and nothing is sent', async () => {
    const relay = kept(await startScriptedRelay({ serves: () => 'auth-required: members only' }));
    await expect(connectNwcPayer({ uri: relay.uri, network: 'regtest' })).rejects.toMatchObject({
      code: 'WALLET_UNREACHABLE',
      detail: expect.stringContaining('members only') as string,
    });
    expect(relay.requests).toEqual([]);
  });

  it('without the wallet’s info event says so at once', async () => {
    const relay = kept(await startScriptedRelay({ info: null }));
    await expect(connectNwcPayer({ uri: relay.uri })).rejects.toMatchObject({
      code: 'WALLET_UNREACHABLE',
      fundsMoved: 'no',
      detail: expect.stringContaining('info event') as string,
    });
  });

  it('that is not there fails at once, before anything is sent', async () => {
    const { payer, relay } = await scene(balance);
    await relay.close();
    await expect(payer.pay({ ...newBill(), ...LIMITS, timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'WALLET_UNREACHABLE',
      fundsMoved: 'no',
    });
    await expect(payer.balance()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
    open.splice(
      open.findIndex((thing) => thing === relay),
      1,
    );
  });

  it('in plain text on another machine is refused by name', async () => {
    const uri = uriOf(newParties(), ['ws://relay.example/']);
    await expect(connectNwcPayer({ uri })).rejects.toMatchObject({ code: 'WALLET_NOT_CONFIGURED' });
  });

  it.each([
    ['forged answers', true],
    ['notices', false],
  ])('that sends endless %s is left', async (_what, isForged) => {
    let tellLeft: () => void = () => undefined;
    const left = new Promise<void>((resolve) => (tellLeft = resolve));
    const { payer } = await scene({
      pay_invoice: (_request, { socket, raw, event, send }) => {
        socket.once('close', tellLeft);
        const real = event(refusal('pay_invoice', 'RESTRICTED'));
        for (let count = 0; count < 1_000; count += 1) {
          if (isForged) send({ ...real, content: `${count}` });
          else raw(JSON.stringify(['NOTICE', 'hello']));
        }
      },
    });
    const outcome = payer.pay({ ...newBill(), ...LIMITS, timeoutMs: 1_000 });
    await left;
    expect((await outcome).state).toBe('unknown');
  });

  it('that sends one endless message is left, and the answer found when it is followed again', async () => {
    const bill = newBill();
    const { payer, relay } = await scene(
      {
        pay_invoice: (_request, { answer, raw }) => {
          raw(`["NOTICE","${'x'.repeat(300_000)}"]`);
          answer(paid(bill));
        },
      },
      { keepsAnswers: true },
    );
    expect(await payer.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'settled' });
    expect(relay.connections()).toBe(2);
  });
});

describe('several relays', () => {
  it('are one enough: the others may be down', async () => {
    const parties = newParties();
    const [relay] = await relaysOf(parties, walletScript(balance));
    const uri = uriOf(parties, ['ws://127.0.0.1:1/', relay?.url ?? '', 'ws://127.0.0.1:2/']);
    const payer = kept(await connectNwcPayer({ uri }));
    expect(await payer.balance()).toEqual({ spendableMsat: 21_000 });
  });

  it('are all asked what changes nothing, and the first answer counts', async () => {
    const parties = newParties();
    const silent = walletScript({ get_info: () => undefined, get_balance: () => undefined });
    const relays = await relaysOf(parties, silent, walletScript(balance), silent);
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
    expect(await payer.pay({ ...bill, ...LIMITS, timeoutMs: 1_000 })).toMatchObject({ state: 'settled' });
    expect(events[1]).toBe(events[0]);
  });

  it('carry a payment over the next at once when one refuses it or is lost', async () => {
    for (const fault of ['refuses', 'is lost'] as const) {
      const bill = newBill();
      const parties = newParties();
      const asked: string[] = [];
      const isFirst = (): boolean => asked.length === 1;
      const script: RelayScript = {
        ...walletScript({
          pay_invoice: (_request, { answer, socket }) => {
            asked.push(fault);
            if (!isFirst()) answer(paid(bill));
            else if (fault === 'is lost') socket.terminate();
          },
        }),
        accepts: (event) =>
          fault === 'refuses' && asked.length === 0 && event.tags.some(([name]) => name === 'expiration') ? 'no' : true,
      };
      const relays = await relaysOf(parties, script, script);
      const payer = kept(
        await connectNwcPayer({
          uri: uriOf(
            parties,
            relays.map(({ url }) => url),
          ),
        }),
      );
      expect(await payer.pay({ ...bill, ...LIMITS, timeoutMs: 60_000 })).toMatchObject({ state: 'settled' });
    }
  });

  it('leave a payment unknown that was refused after two of them carried it: the refusal may be that of the copy', async () => {
    const parties = newParties();
    let copies = 0;
    const script = walletScript({
      pay_invoice: (_request, { answer }) => {
        copies += 1;
        if (copies === 2) answer(refusal('pay_invoice', 'QUOTA_EXCEEDED'));
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
    expect(await payer.pay({ ...newBill(), ...LIMITS, timeoutMs: 1_000 })).toMatchObject({ state: 'unknown' });
  });

  it('tell the newest info event of a relay, and a forged one of none', async () => {
    const parties = newParties();
    const relay = kept(
      await startScriptedRelay(
        {
          ...walletScript(balance),
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

describe('what a request carries', () => {
  it('is NIP-04 without a tag where the wallet names no encryption, and the answer is read by it', async () => {
    const { payer, relay } = await scene(balance, { info: { tags: [] } });
    expect(await payer.balance()).toEqual({ spendableMsat: 21_000 });
    expect(relay.requests.map(({ encryption, event }) => [encryption, event.tags.length])).toEqual([
      ['nip04', 1],
      ['nip04', 1],
    ]);
  });

  it.each([
    [['encryption', 'nip44_v2'], 'nip44_v2'],
    [['encryption', 'nip04 nip44_v2'], 'nip44_v2'],
    [['encryption', 'nip44_v2', 'nip04'], 'nip44_v2'],
    [['encryption', 'nip04'], 'nip04'],
  ])('is chosen from %j', async (tag, encryption) => {
    const { payer, relay } = await scene(balance, { info: { tags: [tag] } });
    await payer.balance();
    expect(relay.requests.at(-1)?.encryption).toBe(encryption);
  });

  it('is nothing where the wallet knows no encryption of ours', async () => {
    const relay = kept(await startScriptedRelay({ info: { tags: [['encryption', 'nip99']] } }));
    await expect(connectNwcPayer({ uri: relay.uri })).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    expect(relay.requests).toEqual([]);
  });

  it('has an end for a payment and none for a question', async () => {
    const bill = newBill();
    const { payer, relay } = await scene({ ...balance, pay_invoice: (_request, { answer }) => answer(paid(bill)) });
    await payer.balance();
    await payer.pay({ ...bill, feeLimitMsat: 0, timeoutMs: 30_000 });
    expect(expirationOf(relay, 'get_balance')).toBeNull();
    const inSeconds = (expirationOf(relay, 'pay_invoice') ?? 0) - Date.now() / 1000;
    expect(inSeconds).toBeGreaterThan(25);
    expect(inSeconds).toBeLessThan(32);
  });

  it('ends by the wallet’s clock where that is an hour ahead', async () => {
    const bill = newBill();
    const hourAhead = Math.floor(Date.now() / 1000) + 3600;
    const { payer, relay } = await scene({
      get_info: (_request, { answer }) =>
        answer(result('get_info', { network: 'regtest' }), { createdAtSeconds: hourAhead }),
      pay_invoice: (_request, { answer }) => answer(paid(bill)),
    });
    expect(await payer.pay({ ...bill, feeLimitMsat: 0, timeoutMs: 30_000 })).toMatchObject({ state: 'settled' });
    expect(expirationOf(relay, 'pay_invoice')).toBeGreaterThan(hourAhead + 20);
  });

  it('is answered by a wallet whose clock is an hour behind', async () => {
    const bill = newBill();
    const createdAtSeconds = Math.floor(Date.now() / 1000) - 3600;
    const { payer } = await scene({ pay_invoice: (_request, { answer }) => answer(paid(bill), { createdAtSeconds }) });
    expect(await payer.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'settled' });
  });
});

describe('a connection', () => {
  it('is opened by an issuer only when it is asked', async () => {
    const relay = kept(await startScriptedRelay(walletScript({})));
    const issuer = kept(createNwcIssuer({ uri: relay.uri }));
    expect(relay.connections()).toBe(0);
    expect(await issuer.lookUp('ab'.repeat(32))).toEqual({ state: 'notFound' });
    expect(relay.connections()).toBe(1);
  });

  it('has the identity of the two keys, the same over relays', async () => {
    const parties = newParties();
    const [one, two] = await relaysOf(parties, walletScript({}), walletScript({}));
    const first = kept(await connectNwcPayer({ uri: uriOf(parties, [one?.url ?? '']) }));
    const second = kept(await connectNwcPayer({ uri: uriOf(parties, [two?.url ?? '']) }));
    expect(first.identity).toBe(`nwc:${parties.wallet.pubkeyHex}:${parties.client.pubkeyHex}`);
    expect(second.identity).toBe(first.identity);
    const other = { ...parties, client: newNostrKey() };
    const relay = kept(await startScriptedRelay(walletScript({}), other));
    const third = kept(await connectNwcPayer({ uri: uriOf(other, [relay.url]) }));
    expect(third.identity).not.toBe(first.identity);
  });

  it.each([
    [{ network: 'regtest' }, 'regtest', 'regtest'],
    [{ network: 'mainnet' }, undefined, 'bitcoin'],
    [{ network: 'moon' }, 'signet', 'signet'],
  ] as const)('of a wallet that says %j, configured as %s, is on %s', async (info, network, expected) => {
    const { payer } = await startScriptedPayer(
      { get_info: (_request, { answer }) => answer(result('get_info', info)) },
      {},
      network === undefined ? {} : { network },
    );
    expect(kept(payer).network).toBe(expected);
  });

  it('takes the configured network where it may not ask', async () => {
    const { payer, relay } = await startScriptedPayer(
      { get_info: (_request, { answer }) => answer(refusal('get_info', 'RESTRICTED')) },
      {},
      { network: 'regtest' },
    );
    kept(relay);
    expect(kept(payer).network).toBe('regtest');
  });

  it.each([
    [{ network: 'mainnet' }, 'regtest', 'WALLET_NETWORK_MISMATCH'],
    [{ network: 'moon' }, undefined, 'WALLET_ANSWER_INVALID'],
    [{}, undefined, 'WALLET_ANSWER_INVALID'],
  ] as const)('of a wallet that says %j, configured as %s, is refused with %s', async (info, network, code) => {
    const connecting = startScriptedPayer(
      { get_info: (_request, { answer }) => answer(result('get_info', info)) },
      {},
      network === undefined ? {} : { network },
    );
    await expect(connecting).rejects.toMatchObject({ code, fundsMoved: 'no' });
  });
});

function expirationOf(relay: ScriptedRelay, method: string): number | null {
  const event = relay.requests.find((request) => request.method === method)?.event;
  const value = event?.tags.find(([name]) => name === 'expiration')?.[1];
  return value === undefined ? null : Number(value);
}
