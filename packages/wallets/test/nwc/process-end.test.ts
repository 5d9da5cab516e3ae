import { afterEach, expect, it } from 'vitest';
import { type ScriptedRelay, startPayer, startScriptedRelay } from '../../../../test/support/nwc/index.js';
import { newBill, paid, walletScript } from './scripted-wallet.js';

let relay: ScriptedRelay | null = null;

afterEach(() => relay?.close());

it('a process whose payment is over ends by itself, though its connection is open', async () => {
  const bill = newBill();
  relay = await startScriptedRelay(walletScript({ pay_invoice: (_request, { answer }) => answer(paid(bill)) }));
  const { invoice, paymentHashHex, amountMsat } = bill;
  const payer = startPayer({ uri: relay.uri, invoice, paymentHashHex, amountMsat, timeoutMs: 10_000 });
  expect(await payer.outcome).toBe('settled');
  expect(await payer.ended).toBe(0);
});

it('a process waits for the answer to what it has asked', async () => {
  const bill = newBill();
  let answerLate: (() => void) | null = null;
  relay = await startScriptedRelay(
    walletScript({ pay_invoice: (_request, { answer }) => void (answerLate = () => answer(paid(bill))) }),
  );
  const { invoice, paymentHashHex, amountMsat } = bill;
  const payer = startPayer({ uri: relay.uri, invoice, paymentHashHex, amountMsat, timeoutMs: 60_000 });
  await expect.poll(() => answerLate, { timeout: 10_000 }).not.toBeNull();
  (answerLate as (() => void) | null)?.();
  expect(await payer.outcome).toBe('settled');
});
