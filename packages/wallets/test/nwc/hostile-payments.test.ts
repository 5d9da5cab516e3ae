import type { PayRequest } from '@satway/wallets';
import { afterEach, describe, expect, it } from 'vitest';
import type { Answering, OpenedRequest, RelayScript } from '../../../../test/support/nwc/index.js';
import { newNostrKey } from '../../src/nwc/nostr/index.js';
import {
  type Bill,
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

type OnPay = (request: OpenedRequest, answering: Answering) => void;

async function pay(
  bill: Bill,
  onPay: OnPay,
  more: Partial<PayRequest> & { others?: WalletScript; relay?: RelayScript } = {},
) {
  const { others, relay, ...request } = more;
  scene = await startScriptedPayer({ pay_invoice: onPay, ...others }, relay);
  return scene.payer.pay({ ...bill, feeLimitMsat: 1_000, timeoutMs: 20_000, ...request });
}

const record = (bill: Bill, fields: Readonly<Record<string, unknown>>): WalletScript => ({
  lookup_invoice: (_request, { answer }) =>
    answer(
      result('lookup_invoice', {
        type: 'outgoing',
        payment_hash: bill.paymentHashHex,
        amount: bill.amountMsat,
        ...fields,
      }),
    ),
});

describe('a payment', () => {
  it('is settled by the preimage of its hash', async () => {
    const bill = newBill();
    const outcome = await pay(bill, (_request, { answer }) => answer(paid(bill)));
    expect(outcome).toEqual({ state: 'settled', preimageHex: bill.preimageHex, amountMsat: 5_000, feeMsat: 7 });
  });

  it('is sent with the invoice alone, sealed, to the wallet, and once', async () => {
    const bill = newBill();
    await pay(bill, (_request, { answer }) => answer(paid(bill)));
    const sent = scene?.relay.requests.filter(({ method }) => method === 'pay_invoice') ?? [];
    expect(sent.map(({ params }) => params)).toEqual([{ invoice: bill.invoice }]);
    expect(sent[0]?.event.tags).toContainEqual(['p', scene?.relay.parties.wallet.pubkeyHex]);
    expect(sent[0]?.event.tags).toContainEqual(['encryption', 'nip44_v2']);
    expect(JSON.stringify(sent[0]?.event)).not.toContain(bill.invoice);
  });

  it('whose fee the wallet does not tell is booked at the usual ceiling, by answer and by look-up', async () => {
    const bill = newBill(500_000);
    const answered = result('pay_invoice', { preimage: bill.preimageHex });
    const settled = { state: 'settled', preimage: bill.preimageHex };
    const outcome = await pay(bill, (_request, { answer }) => answer(answered), { others: record(bill, settled) });
    expect(outcome).toMatchObject({ state: 'settled', feeMsat: 5_000 });
    expect(await scene?.payer.lookUp(bill.paymentHashHex)).toEqual(outcome);
  });

  it('whose fee is above the limit is settled, and the fee told as it is', async () => {
    const bill = newBill();
    const outcome = await pay(bill, (_request, { answer }) => answer(paid(bill, 999_999)));
    expect(outcome).toMatchObject({ state: 'settled', feeMsat: 999_999 });
  });

  it.each([
    ['of something else', 'ab'.repeat(32)],
    ['of zeros', '00'.repeat(32)],
    ['that is no text', 12],
    ['that is empty', ''],
    ['that is missing', undefined],
  ])('with a preimage %s is unknown', async (_what, preimage) => {
    const outcome = await pay(newBill(), (_request, { answer }) => answer(result('pay_invoice', { preimage })));
    expect(outcome.state).toBe('unknown');
    expect(JSON.stringify(outcome)).not.toContain('abab');
  });

  it('that is never answered is unknown at its time limit, and a late answer changes nothing', async () => {
    const bill = newBill();
    let answerLate: () => void = () => undefined;
    const outcome = await pay(bill, (_request, { answer }) => (answerLate = () => answer(paid(bill))), {
      timeoutMs: 200,
    });
    answerLate();
    expect(outcome.state).toBe('unknown');
  });

  it('that the wallet was closed on is unknown', async () => {
    const bill = newBill();
    scene = await startScriptedPayer({ pay_invoice: () => void scene?.payer.close() });
    expect((await scene.payer.pay({ ...bill, feeLimitMsat: 0, timeoutMs: 20_000 })).state).toBe('unknown');
    await expect(scene.payer.pay({ ...bill, feeLimitMsat: 0, timeoutMs: 20_000 })).rejects.toMatchObject({
      code: 'WALLET_UNREACHABLE',
      fundsMoved: 'no',
    });
  });

  it.each([
    ['another payment hash', (bill: Bill) => ({ ...bill, paymentHashHex: 'ab'.repeat(32) })],
    ['a higher amount', (bill: Bill) => ({ ...bill, amountMsat: bill.amountMsat - 1 })],
    ['another network', () => newBill(5_000, 'bitcoin')],
    ['letters that are no invoice', (bill: Bill) => ({ ...bill, invoice: `${bill.invoice}x` })],
  ])('for an invoice with %s is not sent', async (_what, change) => {
    scene = await startScriptedPayer({});
    const request = { ...change(newBill()), feeLimitMsat: 0, timeoutMs: 1_000 };
    expect(await scene.payer.pay(request)).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
    expect((await scene.payer.pay({ ...request, mayHaveBeenSentBefore: true })).state).toBe('unknown');
    expect(scene.relay.requests.map(({ method }) => method)).toEqual(['get_info']);
  });
});

describe('a refusal', () => {
  const CODES = [
    ['INSUFFICIENT_BALANCE', 'unknown', undefined],
    ['QUOTA_EXCEEDED', 'unknown', undefined],
    ['RESTRICTED', 'failed', 'rejected_before_sending'],
    ['UNAUTHORIZED', 'failed', 'rejected_before_sending'],
    ['RATE_LIMITED', 'unknown', undefined],
    ['NOT_IMPLEMENTED', 'failed', 'rejected_before_sending'],
    ['UNSUPPORTED_ENCRYPTION', 'failed', 'rejected_before_sending'],
    ['PAYMENT_FAILED', 'unknown', undefined],
    ['INTERNAL', 'unknown', undefined],
    ['OTHER', 'unknown', undefined],
    ['NOT_FOUND', 'unknown', undefined],
    ['SOMETHING_NEW', 'unknown', undefined],
    ['__proto__', 'unknown', undefined],
    ['toString', 'unknown', undefined],
  ] as const;

  it.each(CODES)('with %s is %s where the wallet has no record', async (code, state, reason) => {
    const outcome = await pay(newBill(), (_request, { answer }) => answer(refusal('pay_invoice', code)));
    expect(outcome).toMatchObject(reason === undefined ? { state } : { state, reason });
  });

  it.each(CODES)('with %s is unknown for what may have been sent before', async (code) => {
    const outcome = await pay(newBill(), (_request, { answer }) => answer(refusal('pay_invoice', code)), {
      mayHaveBeenSentBefore: true,
    });
    expect(outcome.state).toBe('unknown');
  });

  it.each(
    ['INSUFFICIENT_BALANCE', 'QUOTA_EXCEEDED', 'RATE_LIMITED', 'RESTRICTED'].flatMap((code) => [
      [code, 'settled', 'unknown'] as const,
      [code, 'pending', 'unknown'] as const,
      [code, 'failed', 'failed'] as const,
    ]),
  )('with %s and a record that says %s is %s', async (code, recorded, state) => {
    const bill = newBill();
    const fields = { state: recorded, ...(recorded === 'settled' ? { preimage: bill.preimageHex } : {}) };
    const outcome = await pay(bill, (_request, { answer }) => answer(refusal('pay_invoice', code)), {
      others: record(bill, fields),
    });
    expect(outcome).toMatchObject(state === 'unknown' ? { state, seenInFlight: true } : { state });
  });

  it.each([
    [{ state: 'failed' }, 'failed'],
    [{ state: 'settled' }, 'unknown'],
    [{ state: 'pending' }, 'unknown'],
    [{}, 'unknown'],
    [{ state: 'sunk' }, 'unknown'],
    [{ state: 'failed', payment_hash: 'ab'.repeat(32) }, 'unknown'],
    [{ state: 'failed', type: 'incoming' }, 'unknown'],
  ])('with PAYMENT_FAILED and a record of %j is %s', async (fields, state) => {
    const bill = newBill();
    const outcome = await pay(bill, (_request, { answer }) => answer(refusal('pay_invoice', 'PAYMENT_FAILED')), {
      others: record(bill, fields),
    });
    expect(outcome.state).toBe(state);
  });

  it.each(['the request timed out', 'timeout of 15000 ms', 'context deadline exceeded'])(
    'with PAYMENT_FAILED since its node did not answer (%s) is unknown: the record may be that of another program',
    async (words) => {
      const bill = newBill();
      const answers = refusal('pay_invoice', 'PAYMENT_FAILED', words);
      const outcome = await pay(bill, (_request, { answer }) => answer(answers), {
        others: record(bill, { state: 'failed' }),
      });
      expect(outcome.state).toBe('unknown');
    },
  );

  it('keeps the wallet’s words without a secret in them', async () => {
    const words = `no: preimage=${'ab'.repeat(32)} ${'x'.repeat(5_000)}`;
    const outcome = await pay(newBill(), (_request, { answer }) => answer(refusal('pay_invoice', 'RESTRICTED', words)));
    expect(JSON.stringify(outcome)).not.toContain('abab');
    expect(JSON.stringify(outcome).length).toBeLessThan(600);
  });

  it('keeps them in plain words: nothing in them moves a cursor', async () => {
    const words = 'no\u001b[2J\u202egnihton\n\nsettled';
    const outcome = await pay(newBill(), (_request, { answer }) => answer(refusal('pay_invoice', 'RESTRICTED', words)));
    expect(outcome.state === 'failed' ? outcome.detail : '').toMatch(/^The wallet: RESTRICTED [\x20-\x7e]+$/);
  });
});

const stranger = newNostrKey();

/** Answers that are not the wallet's to this request; each says that nothing was paid, which would be the dearest thing to believe. */
const FORGERIES: readonly (readonly [string, OnPay])[] = [
  ['by another author', (_request, { answer }) => answer(refusal('pay_invoice', 'RESTRICTED'), { author: stranger })],
  [
    'in the wallet’s name with a stranger’s signature',
    (_request, { event, send }) => {
      const real = event(refusal('pay_invoice', 'RESTRICTED'));
      send({ ...real, sig: event({}, { author: stranger }).sig });
    },
  ],
  [
    'with the signature of another answer',
    (_request, { event, send }) => {
      const real = event(refusal('pay_invoice', 'RESTRICTED'));
      send({ ...event(refusal('pay_invoice', 'OTHER')), id: real.id, sig: real.sig });
    },
  ],
  [
    'for another request',
    (_request, { answer }) => answer(refusal('pay_invoice', 'RESTRICTED'), { tags: [['e', 'ab'.repeat(32)]] }),
  ],
  [
    'for another client',
    ({ event: asked }, { answer }) =>
      answer(refusal('pay_invoice', 'RESTRICTED'), {
        tags: [
          ['p', stranger.pubkeyHex],
          ['e', asked.id],
        ],
      }),
  ],
  ['of another kind', (_request, { answer }) => answer(refusal('pay_invoice', 'RESTRICTED'), { kind: 23_194 })],
];

describe('a forged answer', () => {
  it.each(FORGERIES)('%s is dropped, and the real one counts', async (_what, forge) => {
    const bill = newBill();
    const outcome = await pay(bill, (request, answering) => {
      forge(request, answering);
      answering.answer(paid(bill));
    });
    expect(outcome).toMatchObject({ state: 'settled', preimageHex: bill.preimageHex });
  });

  it.each(FORGERIES)('%s alone leaves the payment unknown', async (_what, forge) => {
    const outcome = await pay(newBill(), forge, { timeoutMs: 300 });
    expect(outcome.state).toBe('unknown');
  });
});

describe('an answer of the wallet', () => {
  it('that comes twice is one answer', async () => {
    const bill = newBill();
    const outcome = await pay(bill, (_request, { answer, event, send }) => {
      const one = event(paid(bill));
      send(one);
      send(one);
      answer(refusal('pay_invoice', 'RESTRICTED'));
    });
    expect(outcome.state).toBe('settled');
    expect(await scene?.payer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'notFound' });
  });

  it('without a p tag is one all the same', async () => {
    const bill = newBill();
    const outcome = await pay(bill, ({ event }, { answer }) => answer(paid(bill), { tags: [['e', event.id]] }));
    expect(outcome.state).toBe('settled');
  });

  it.each([
    ['that does not open', 'AAAA'],
    ['that is empty', ''],
    ['that is plain', JSON.stringify(refusal('pay_invoice', 'RESTRICTED'))],
  ])('%s is unknown at once', async (_what, content) => {
    const outcome = await pay(newBill(), (_request, { answer }) => answer({}, { content }), { timeoutMs: 20_000 });
    expect(outcome.state).toBe('unknown');
  });

  it.each([
    ['to another method', refusal('get_balance', 'RESTRICTED')],
    ['without a method', { error: { code: 'RESTRICTED', message: '' }, result: null }],
    ['with a result and an error', { ...refusal('pay_invoice', 'RESTRICTED'), result: {} }],
    ['with neither', { result_type: 'pay_invoice', error: null, result: null }],
    ['with an error without a code', { result_type: 'pay_invoice', error: { message: 'no' } }],
    ['that is a list', []],
    ['that is <html>', '<html>502 Bad Gateway</html>'],
  ])('%s is unknown at once', async (_what, body) => {
    const outcome = await pay(newBill(), (_request, { answer }) => answer(body), { timeoutMs: 20_000 });
    expect(outcome.state).toBe('unknown');
  });

  it('with an error and the preimage is unknown: it contradicts itself', async () => {
    const bill = newBill();
    const both = { ...paid(bill), error: { code: 'PAYMENT_FAILED', message: 'no' } };
    expect(await pay(bill, (_request, { answer }) => answer(both))).toMatchObject({ state: 'unknown' });
  });

  it('in the older encryption, where the newer was asked in, is unknown', async () => {
    const outcome = await pay(
      newBill(),
      (_request, { answer }) =>
        answer({}, { content: scene?.relay.seal(refusal('pay_invoice', 'RESTRICTED'), 'nip04') ?? '' }),
      { timeoutMs: 20_000 },
    );
    expect(outcome.state).toBe('unknown');
  });
});

describe('a look-up', () => {
  const found = async (bill: Bill, fields: Readonly<Record<string, unknown>>) => {
    scene = await startScriptedPayer(record(bill, fields));
    return scene.payer.lookUp(bill.paymentHashHex);
  };

  it.each([
    [{ state: 'settled' }, { state: 'settled', feeMsat: 3 }],
    [{ settled_at: 1_700_000_000 }, { state: 'settled', feeMsat: 3 }],
    [
      { state: null, settled_at: 1_700_000_000 },
      { state: 'settled', feeMsat: 3 },
    ],
    [{ state: 'pending' }, { state: 'inFlight' }],
    [{ state: 'accepted' }, { state: 'inFlight' }],
    [{ state: 'expired' }, { state: 'inFlight' }],
    [{}, { state: 'inFlight' }],
    [
      { type: 'incoming', state: 'settled' },
      { state: 'notFound', walletNowMs: null },
    ],
  ])('of a record with %j and the preimage', async (fields, expected) => {
    const bill = newBill();
    expect(await found(bill, { preimage: bill.preimageHex, fees_paid: 3, ...fields })).toMatchObject(expected);
  });

  it.each([
    [{ amount: -5 }, { amountMsat: 5_000, feeMsat: 3 }],
    [{ amount: 'much' }, { amountMsat: 5_000, feeMsat: 3 }],
    [{ amount: null }, { amountMsat: 5_000, feeMsat: 3 }],
    [
      { amount: null, invoice: '' },
      { amountMsat: 0, feeMsat: 3 },
    ],
    [{ fees_paid: -9 }, { amountMsat: 5_000, feeMsat: 1_000 }],
    [{ fees_paid: Number.MAX_SAFE_INTEGER }, { amountMsat: 5_000, feeMsat: 1_000 }],
  ])('of a settled record with %j and the preimage stays settled', async (fields, cost) => {
    const bill = newBill();
    const told = { state: 'settled', preimage: bill.preimageHex, fees_paid: 3, invoice: bill.invoice };
    expect(await found(bill, { ...told, ...fields })).toMatchObject({ state: 'settled', ...cost });
  });

  it('of a failure tells the wallet’s clock', async () => {
    const look = await found(newBill(), { state: 'failed' });
    expect(look).toMatchObject({ state: 'failed', walletNowMs: expect.any(Number) as number });
  });

  it('of a failure says that another connection or app may have made it', async () => {
    expect(await found(newBill(), { state: 'failed' })).toMatchObject({ state: 'failed', mayBeOfAnother: true });
  });

  it('of what the wallet does not know tells no time by which it could be given up', async () => {
    scene = await startScriptedPayer({});
    expect(await scene.payer.lookUp('ab'.repeat(32))).toEqual({ state: 'notFound', walletNowMs: null });
  });

  it('without the preimage is not settled for an older wallet', async () => {
    expect(await found(newBill(), { settled_at: 1_700_000_000 })).toEqual({ state: 'inFlight' });
  });

  it.each<readonly [Readonly<Record<string, unknown>>, string]>([
    [{ state: 'settled', preimage: 'ab'.repeat(32) }, 'a wrong preimage'],
    [{ state: 'settled' }, 'no preimage'],
    [{ state: 'settled', payment_hash: 'ab'.repeat(32) }, 'another hash'],
    [{ state: 'vanished' }, 'an unknown state'],
  ])('of %j is refused for %s', async (fields) => {
    await expect(found(newBill(), fields)).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
  });

  it('of a failure with the preimage is refused', async () => {
    const bill = newBill();
    await expect(found(bill, { state: 'failed', preimage: bill.preimageHex })).rejects.toMatchObject({
      code: 'WALLET_ANSWER_INVALID',
    });
  });

  it.each([
    ['RESTRICTED', 'WALLET_PERMISSION_DENIED'],
    ['UNAUTHORIZED', 'WALLET_PERMISSION_DENIED'],
    ['NOT_IMPLEMENTED', 'WALLET_PERMISSION_DENIED'],
    ['RATE_LIMITED', 'WALLET_UNREACHABLE'],
    ['INTERNAL', 'WALLET_UNREACHABLE'],
  ])('refused with %s throws %s', async (code, ours) => {
    scene = await startScriptedPayer({
      lookup_invoice: (_request, { answer }) => answer(refusal('lookup_invoice', code)),
    });
    await expect(scene.payer.lookUp('ab'.repeat(32))).rejects.toMatchObject({ code: ours, fundsMoved: 'no' });
  });

  it('that is never answered is a time-out', async () => {
    scene = await startScriptedPayer({ lookup_invoice: () => undefined }, {}, { callTimeoutMs: 300 });
    await expect(scene.payer.lookUp('ab'.repeat(32))).rejects.toMatchObject({
      code: 'WALLET_TIMEOUT',
      fundsMoved: 'no',
    });
  });
});

describe('a balance', () => {
  it.each([undefined, -1, 1.5, '1e3', null])('of %j is refused', async (balance) => {
    scene = await startScriptedPayer({
      get_balance: (_request, { answer }) => answer(result('get_balance', { balance })),
    });
    await expect(scene.payer.balance()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
  });
});
