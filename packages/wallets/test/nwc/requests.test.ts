import { SatwayError } from '@satway/base';
import { connectNwcPayer } from '@satway/wallets/nwc';
import { describe, expect, it } from 'vitest';
import { type ScriptedRelay, startScriptedRelay } from '../../../../test/support/nwc/index.js';
import { kept, LIMITS, scene, tellsBalance } from './scenes.js';
import { newBill, paid, refusal, result } from './scripted-wallet.js';

describe('what a request carries', () => {
  it('is NIP-04 without a tag where the wallet names no encryption, and the answer is read by it', async () => {
    const { payer, relay } = await scene(tellsBalance, { info: { tags: [] } });
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
    const { payer, relay } = await scene(tellsBalance, { info: { tags: [tag] } });
    await payer.balance();
    expect(relay.requests.at(-1)?.encryption).toBe(encryption);
  });

  it('is nothing where the wallet knows no encryption of ours', async () => {
    const relay = kept(await startScriptedRelay({ info: { tags: [['encryption', 'nip99']] } }));
    await expect(connectNwcPayer({ uri: relay.uri })).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    expect(relay.requests).toEqual([]);
  });

  it('is the older one after the wallet has said that it does not know the newer any more', async () => {
    const info = { tags: [['encryption', 'nip44_v2']] };
    const { payer, relay } = await scene(
      {
        get_balance: ({ encryption }, { answer }) =>
          answer(
            encryption === 'nip04'
              ? result('get_balance', { balance: 3 })
              : refusal('get_balance', 'UNSUPPORTED_ENCRYPTION'),
          ),
      },
      { info },
    );
    info.tags = [['encryption', 'nip04']];
    await expect(payer.balance()).rejects.toMatchObject({ code: 'WALLET_REFUSED' });
    expect(await payer.balance()).toEqual({ spendableMsat: 3 });
    expect(relay.requests.at(-1)?.encryption).toBe('nip04');
  });

  it('has an end for a payment and none for a question', async () => {
    const bill = newBill();
    const { payer, relay } = await scene({
      ...tellsBalance,
      pay_invoice: (_request, { answer }) => answer(paid(bill)),
    });
    await payer.balance();
    await payer.pay({ ...bill, feeLimitMsat: 0, timeoutMs: 30_000 });
    expect(expirationOf(relay, 'get_balance')).toBeNull();
    const inSeconds = (expirationOf(relay, 'pay_invoice') ?? 0) - Date.now() / 1000;
    expect(inSeconds).toBeGreaterThan(25);
    expect(inSeconds).toBeLessThan(32);
  });

  it.each([
    ['RESTRICTED', { missingPermission: 'lookup_invoice' }],
    ['NOT_IMPLEMENTED', { missingPermission: 'lookup_invoice' }],
    ['UNAUTHORIZED', {}],
    ['QUOTA_EXCEEDED', {}],
  ])('that is refused with %s names the method that the connection lacks, or none', async (code, facts) => {
    const { payer } = await scene({
      lookup_invoice: (_request, { answer }) => answer(refusal('lookup_invoice', code)),
    });
    const refused: unknown = await payer.lookUp('ab'.repeat(32)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'WALLET_PERMISSION_DENIED' });
    expect(refused instanceof SatwayError ? refused.facts : null).toEqual(facts);
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

function expirationOf(relay: ScriptedRelay, method: string): number | null {
  const event = relay.requests.find((request) => request.method === method)?.event;
  const value = event?.tags.find(([name]) => name === 'expiration')?.[1];
  return value === undefined ? null : Number(value);
}
