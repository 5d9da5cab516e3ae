import { connectNwcPayer, createNwcIssuer } from '@satway/wallets/nwc';
import { describe, expect, it } from 'vitest';
import { newParties, startScriptedRelay, uriOf } from '../../../../test/support/nwc/index.js';
import { newNostrKey } from '../../src/nwc/nostr/index.js';
import { kept, relaysOf, sentTo, tellsBalance } from './scenes.js';
import { newBill, refusal, result, startScriptedPayer, walletScript } from './scripted-wallet.js';

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

  it.each([
    [['pay_invoice', 'get_info'], false],
    [['pay_invoice', 'lookup_invoice'], true],
    [[], undefined],
    [undefined, undefined],
  ])('that may %j says before it pays whether payments can be looked up: %s', async (methods, canLookUp) => {
    const { payer, relay } = await startScriptedPayer({
      get_info: (_request, { answer }) => answer(result('get_info', { network: 'regtest', methods })),
    });
    kept(relay);
    expect(kept(payer).canLookUp).toBe(canLookUp);
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

  it('has no more subscriptions at a time than relays serve, however much is asked at once', async () => {
    const bill = newBill();
    // Payments that hang keep no question waiting.
    const script = { ...tellsBalance, pay_invoice: () => undefined };
    const { payer, relay } = await startScriptedPayer(script, {}, { callTimeoutMs: 60_000 });
    kept(relay);
    kept(payer);
    const pay = (timeoutMs: number) => payer.pay({ ...bill, feeLimitMsat: 0, timeoutMs });
    const hanging = Array.from({ length: 8 }, () => pay(600_000));
    await expect.poll(() => sentTo(relay, 'pay_invoice')).toBe(8);
    const tooMany = await Promise.allSettled(Array.from({ length: 4 }, () => pay(200)));
    expect(tooMany.map((end) => (end.status === 'rejected' ? String(end.reason) : ''))).toEqual(
      Array.from({ length: 4 }, () => expect.stringContaining('too many others') as string),
    );
    const balances = await Promise.all(Array.from({ length: 50 }, () => payer.balance()));
    expect(balances).toEqual(Array.from({ length: 50 }, () => ({ spendableMsat: 21_000 })));
    expect(relay.mostSubscriptions()).toBeLessThanOrEqual(16);
    await payer.close();
    expect((await Promise.all(hanging)).map(({ state }) => state)).toEqual(Array.from({ length: 8 }, () => 'unknown'));
    expect(sentTo(relay, 'pay_invoice')).toBe(8);
  });
});
