import type { PayRequest } from '@satway/wallets';
import { afterEach, describe, expect, it } from 'vitest';
import {
  newBill,
  paid,
  refusal,
  result,
  type ScriptedPayer,
  startScriptedPayer,
  type WalletScript,
} from './scripted-wallet.js';

let scene: ScriptedPayer | null = null;

afterEach(async () => {
  await scene?.payer.close();
  await scene?.relay.close();
  scene = null;
});

const METHODS = ['pay_invoice', 'lookup_invoice', 'get_balance', 'get_budget'];
const BILL = newBill(5_000);

/** A wallet that pays whatever it is asked to, and answers to questions about its money as told. */
async function pay(money: WalletScript, methods: readonly string[] = METHODS, more: Partial<PayRequest> = {}) {
  scene = await startScriptedPayer({
    get_info: (_request, { answer }) => answer(result('get_info', { network: 'regtest', methods })),
    pay_invoice: (_request, { answer }) => answer(paid(BILL)),
    ...money,
  });
  return scene.payer.pay({ ...BILL, feeLimitMsat: 1_000, timeoutMs: 20_000, ...more });
}
const asked = (): string[] => (scene?.relay.requests ?? []).map(({ method }) => method).slice(1);
const balance = (told: unknown): WalletScript => ({
  get_balance: (_request, { answer }) => answer(result('get_balance', { balance: told })),
});
const budget = (told: Readonly<Record<string, unknown>>): WalletScript => ({
  get_budget: (_request, { answer }) => answer(result('get_budget', told)),
});
const ENOUGH = { ...balance(5_000), ...budget({ total_budget: 9_000, used_budget: 4_000 }) };

describe('before a payment the wallet is asked whether there is money for it, and nothing is sent', () => {
  it('where its balance is less than the amount', async () => {
    const outcome = await pay({ ...ENOUGH, ...balance(4_999) });
    expect(outcome).toMatchObject({ state: 'failed', reason: 'insufficient_balance' });
    expect(asked()).not.toContain('pay_invoice');
  });

  it.each([[{ total_budget: 9_000, used_budget: 4_001 }], [{ total_budget: 9_000, used_budget: 10_000 }]])(
    'where the budget is %j',
    async (told) => {
      const outcome = await pay({ ...ENOUGH, ...budget(told) });
      expect(outcome).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
      expect(asked()).not.toContain('pay_invoice');
    },
  );
});

describe('a payment is sent', () => {
  it.each<[string, WalletScript]>([
    ['where there is just enough', ENOUGH],
    ['where there is no budget', { ...ENOUGH, ...budget({}) }],
    ['where the budget makes no sense', { ...ENOUGH, ...budget({ total_budget: 1, used_budget: -5 }) }],
    ['where the balance is none', { ...ENOUGH, ...balance('0') }],
    ['where the balance is below zero', { ...ENOUGH, ...balance(-1) }],
    [
      'where it may not ask',
      {
        get_balance: (_request, { answer }) => answer(refusal('get_balance', 'RESTRICTED')),
        get_budget: (_request, { answer }) => answer(refusal('get_budget', 'INTERNAL')),
      },
    ],
  ])('%s', async (_what, money) => {
    expect(await pay(money)).toMatchObject({ state: 'settled' });
    expect(asked().sort()).toEqual(['get_balance', 'get_budget', 'pay_invoice']);
  });

  it('where the wallet leaves the questions unanswered, after a quarter of its time', async () => {
    expect(await pay({}, METHODS, { timeoutMs: 2_000 })).toMatchObject({ state: 'settled' });
  });

  it('without a question that the connection may not ask', async () => {
    expect(await pay(balance(0), ['pay_invoice'])).toMatchObject({ state: 'settled' });
    expect(asked()).toEqual(['pay_invoice']);
  });

  it('without a question where it may have been sent before', async () => {
    const outcome = await pay(balance(0), METHODS, { mayHaveBeenSentBefore: true });
    expect(outcome).toMatchObject({ state: 'settled' });
    expect(asked()).toEqual(['pay_invoice']);
  });
});
