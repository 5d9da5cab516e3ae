import { inspectNwc } from '@satway/wallets/nwc';
import { afterEach, describe, expect, it } from 'vitest';
import { type ScriptedRelay, startScriptedRelay } from '../../../../test/support/nwc/index.js';
import { refusal, result, walletScript, type WalletScript } from './scripted-wallet.js';

let relay: ScriptedRelay | null = null;

afterEach(() => relay?.close());

async function inspected(script: WalletScript) {
  relay = await startScriptedRelay(walletScript(script));
  return inspectNwc({ uri: relay.uri, callTimeoutMs: 20_000 });
}

const info = (...methods: string[]): WalletScript => ({
  get_info: (_request, { answer }) => answer(result('get_info', { network: 'mainnet', methods })),
});
const budget = (body: Readonly<Record<string, unknown>>): WalletScript => ({
  get_budget: (_request, { answer }) => answer(result('get_budget', body)),
});

describe('the inspection of a connection', () => {
  it('that may only receive finds no excess for a seller', async () => {
    const found = await inspected(info('make_invoice', 'lookup_invoice', 'get_info'));
    expect(found).toMatchObject({
      kind: 'nwc',
      network: 'bitcoin',
      can: { pay: false, createInvoice: true, read: true, administer: false },
      excess: { receive: [], pay: ['make_invoice'] },
    });
  });

  it('that pays within a budget finds no excess for a buyer', async () => {
    const methods = ['pay_invoice', 'lookup_invoice', 'get_balance', 'get_info', 'get_budget'];
    const found = await inspected({ ...info(...methods), ...budget({ used_budget: 0, total_budget: 1_000_000 }) });
    expect(found).toMatchObject({ can: { pay: true, createInvoice: false }, excess: { pay: [] } });
    expect(found.excess.receive).toEqual(['pay_invoice', 'get_balance', 'get_budget']);
  });

  it('names what each role needs and the connection lacks', async () => {
    const found = await inspected(info('make_invoice', 'get_info'));
    expect(found.missing).toEqual({
      receive: ['lookup_invoice'],
      pay: ['pay_invoice', 'lookup_invoice'],
      read: ['get_balance', 'lookup_invoice'],
    });
  });

  it.each([
    ['has none', budget({})],
    ['is zero', budget({ total_budget: 0 })],
    ['may not be asked', { get_budget: (_request, { answer }) => answer(refusal('get_budget', 'RESTRICTED')) }],
  ] satisfies [string, WalletScript][])('that pays names a budget that %s', async (_what, script) => {
    const found = await inspected({ ...info('pay_invoice', 'lookup_invoice', 'get_budget'), ...script });
    expect(found.excess.pay).toEqual(['pay_invoice without a budget']);
  });

  it('shows methods that nobody knows by their names, in plain words', async () => {
    const found = await inspected(info('make_invoice', 'sweep_all', `x\u001b[2J\n${'y'.repeat(500)}`));
    expect(found.excess.receive).toEqual(['sweep_all', `x [2J ${'y'.repeat(54)}`]);
  });

  it('that pays and has no get_budget names that too', async () => {
    expect((await inspected(info('pay_invoice'))).excess.pay).toEqual(['pay_invoice without a budget']);
  });

  it.each(['pay_invoice', 'pay_keysend', 'multi_pay_invoice', 'multi_pay_keysend'])(
    'that may %s can pay',
    async (method) => {
      const found = await inspected(info('make_invoice', method));
      expect(found.can.pay).toBe(true);
      expect(found.excess.receive).toContain(method);
    },
  );

  it.each(['pay_onchain', 'pay_bolt12', 'multi_pay_offer', 'PAY_INVOICE', 'send_payment', 'keysend', 'withdraw'])(
    'that may %s, by its name, can pay, whatever it is',
    async (method) => {
      expect((await inspected(info('make_invoice', method))).can.pay).toBe(true);
    },
  );

  it.each(['sweep_all', 'open_channel', 'make_me_king', 'get_seed', 'list_secrets', 'x', 'constructor'])(
    'that may %s, which nobody knows, can administer',
    async (method) => {
      expect((await inspected(info('make_invoice', method))).can.administer).toBe(true);
    },
  );

  it('that may only what is known to do no harm cannot administer, and cannot pay', async () => {
    const harmless = ['get_info', 'get_budget', 'get_balance', 'lookup_invoice', 'list_transactions', 'make_invoice'];
    const more = ['make_hold_invoice', 'cancel_hold_invoice', 'settle_hold_invoice', 'make_offer', 'notifications'];
    expect((await inspected({ ...info(...harmless, ...more), ...budget({}) })).can).toEqual({
      pay: false,
      createInvoice: true,
      read: true,
      administer: false,
    });
  });

  it('that tells no methods at all leaves it open what it can', async () => {
    const unclear: WalletScript = {
      get_info: (_request, { answer }) => answer(result('get_info', { network: 'mainnet', methods: [7, null] })),
    };
    expect(await inspected(unclear)).toMatchObject({
      can: { pay: null, createInvoice: null, read: null, administer: null },
      excess: { pay: null, receive: null, read: null },
    });
  });

  it.each(['create_connection', 'sign_message'])('that may %s can administer', async (method) => {
    const found = await inspected(info(method));
    expect(found.can.administer).toBe(true);
    expect(found.excess.pay).toContain(method);
  });

  it('that may not ask goes by what the service offers to all', async () => {
    const found = await inspected({ get_info: (_request, { answer }) => answer(refusal('get_info', 'RESTRICTED')) });
    expect(found).toMatchObject({ network: null, can: { pay: true, createInvoice: true, read: true } });
  });

  it('asks nothing that moves or makes anything', async () => {
    await inspected({ ...info('pay_invoice', 'make_invoice', 'get_budget', 'create_connection'), ...budget({}) });
    expect(relay?.requests.map(({ method }) => method)).toEqual(['get_info', 'get_budget']);
  });

  it('shows no secret', async () => {
    const found = JSON.stringify(await inspected(info('pay_invoice')));
    expect(found).not.toContain(relay?.parties.client.secretHex);
    expect(found).not.toContain('nostr+walletconnect');
  });

  it('of a wallet that does not answer is a time-out', async () => {
    relay = await startScriptedRelay(walletScript({ get_info: () => undefined }));
    await expect(inspectNwc({ uri: relay.uri, callTimeoutMs: 200 })).rejects.toMatchObject({ code: 'WALLET_TIMEOUT' });
  });
});
