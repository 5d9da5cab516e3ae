import { type Receipt, receiptDigest } from '@satway/protocol';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  collectReceipts,
  L402Client,
  type PurchaseStore,
  type ReceiptFormat,
  verifyReceipts,
  writeReceipts,
} from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

/** A store in which so many purchases were really paid. */
async function storeWith(count: number): Promise<PurchaseStore> {
  const lightning = openLightning();
  const seller = await startSeller({ issuer: lightning.issuer, priceMsat: 5001 });
  const store = temporaryStore();
  const client = new L402Client({ wallet: lightning.payer, store });
  onTestFinished(() => client.close());
  for (let number = 0; number < count; number++) {
    expect((await client.fetch(`${seller.url}/item/${number}?key=hush-query`)).status).toBe(200);
  }
  return store;
}

function fileOf(store: PurchaseStore, format: ReceiptFormat, withPreimages = true): string {
  return [...writeReceipts(format, collectReceipts(store, { withPreimages }))].join('');
}

const FORMATS: ReceiptFormat[] = ['json', 'csv'];

describe.each(FORMATS)('receipts of real purchases as %s', (format) => {
  it('verify offline, each proven by its preimage', async () => {
    const store = await storeWith(3);
    const file = fileOf(store, format);
    expect(verifyReceipts(file)).toEqual({
      count: 3,
      proven: 3,
      totals: { count: 3, amountMsat: '15003', feeMsat: '0', totalMsat: '15003' },
      faults: [],
    });
  });

  it('hold no preimage unless it is asked for, and never macaroon, key or query', async () => {
    const store = await storeWith(1);
    const [purchase] = store.journal.list();
    const credential = store.credentials.ofPurchase(purchase?.purchaseId ?? '');
    const secrets = [credential?.macaroonText ?? '-', purchase?.idempotencyKey ?? '-', 'hush'];
    const without = fileOf(store, format, false);
    for (const secret of [...secrets, credential?.preimageHex ?? '-']) expect(without).not.toContain(secret);
    expect(verifyReceipts(without)).toMatchObject({ count: 1, proven: 0, faults: [] });
    const withIt = fileOf(store, format);
    for (const secret of secrets) expect(withIt).not.toContain(secret);
    expect(withIt).toContain(credential?.preimageHex);
  });

  it('name the line that was tampered with', async () => {
    const store = await storeWith(3);
    const file = fileOf(store, format);
    const second = [...collectReceipts(store)][1];
    const hash = second?.paymentHash ?? '-';
    const lines = file.split('\n');
    const line = lines.findIndex((text) => text.includes(hash)) + 1;
    const tampered = lines.map((text, index) => (index === line - 1 ? text.replace('5001', '4001') : text)).join('\n');
    const { faults } = verifyReceipts(tampered);
    expect(faults.filter(({ line }) => line !== null)).toEqual(
      ['digest', 'sum', 'amount'].map((fault) => ({
        line,
        number: 2,
        paymentHash: hash,
        fault,
        detail: expect.any(String),
      })),
    );
    expect(faults.at(-1)).toMatchObject({ fault: 'totals', number: null });
  });

  it('are found to be cut short, and to lack a line or have one twice', async () => {
    const lines = fileOf(await storeWith(3), format)
      .trimEnd()
      .split('\n');
    const without = (index: number) => lines.filter((_, at) => at !== index).join('\n');
    expect(verifyReceipts(without(2)).faults).toMatchObject([{ fault: 'totals' }, { fault: 'totals' }]);
    const twice = lines.flatMap((line, at) => (at === 2 ? [line, line] : [line])).join('\n');
    expect(verifyReceipts(twice).faults[0]).toMatchObject({ fault: 'duplicate', number: 3, line: 4 });
    if (format === 'csv') expect(verifyReceipts(without(4)).faults).toMatchObject([{ fault: 'totals' }]);
  });

  it('of nothing are a file too', () => {
    const file = fileOf(temporaryStore(), format);
    expect(verifyReceipts(file)).toMatchObject({ count: 0, proven: 0, faults: [], totals: { totalMsat: '0' } });
  });
});

describe('receipts', () => {
  it('are of what is paid in a stretch of time, over more pages than one', async () => {
    const store = await storeWith(2);
    const [newer, older] = store.journal.search({ states: ['redeemed'] }).map(({ paidAtMs }) => paidAtMs ?? 0);
    const urls = (query: Parameters<typeof collectReceipts>[1]) =>
      [...collectReceipts(store, query)].map(({ url }) => new URL(url).pathname);
    expect(urls({})).toEqual(['/item/1', '/item/0']);
    expect(urls({ sinceMs: newer ?? 0, untilMs: (newer ?? 0) + 1 })).toContain('/item/1');
    expect(urls({ untilMs: older ?? 0 })).toEqual([]);
    expect(urls({ host: '127.0.0.1' })).toHaveLength(2);
    expect(urls({ host: 'api.example' })).toEqual([]);
  });

  it('of another making are read as well: JSON that was written anew, CSV with a mark of its encoding', async () => {
    const store = await storeWith(1);
    const spread = JSON.stringify(JSON.parse(fileOf(store, 'json')), null, 2);
    expect(verifyReceipts(spread)).toMatchObject({ proven: 1, faults: [] });
    expect(verifyReceipts(spread.replace('"GET"', '"PUT"')).faults).toMatchObject([
      { fault: 'digest', line: null, number: 1 },
    ]);
    expect(verifyReceipts(`\u{feff}${fileOf(store, 'csv')}`)).toMatchObject({ proven: 1, faults: [] });
  });

  it('that are made up by somebody with a node of their own say whose node it is', async () => {
    const [receipt] = [...collectReceipts(await storeWith(1))];
    if (receipt === undefined) throw new Error('it has no receipt');
    const other: Receipt = { ...receipt, payee: `02${'ab'.repeat(32)}` };
    const [file] = [[...writeReceipts('json', [{ ...other, digest: receiptDigest(other) }])].join('')];
    expect(verifyReceipts(file ?? '').faults).toMatchObject([
      { fault: 'payee', detail: expect.stringContaining(receipt?.payee ?? '-') },
    ]);
  });

  it('that are no JSON are refused without a word of them', () => {
    const act = () => verifyReceipts('{"preimage": hunter2');
    expect(act).toThrow(expect.objectContaining({ code: 'RECEIPT_INVALID', cause: undefined }));
  });

  it('are read or refused, whatever was done to them', async () => {
    const store = await storeWith(2);
    const files = FORMATS.map((format) =>
      [...writeReceipts(format, collectReceipts(store, { withPreimages: true }))].join(''),
    );
    const pieces = fc.constantFrom(
      '"',
      ',',
      '\n',
      '\r\n',
      '{',
      '}',
      '[',
      'null',
      '0',
      '\\',
      "'",
      '\u0000',
      '\ud800',
      'é',
    );
    const mangled = fc
      .tuple(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), pieces, fc.nat(40)), { maxLength: 4 }),
      )
      .map(([file, changes]) =>
        changes.reduce((text, [where, piece, gone]) => {
          const at = Math.floor(where * text.length);
          return text.slice(0, at) + piece + text.slice(at + gone);
        }, file),
      );
    fc.assert(
      fc.property(fc.oneof(mangled, fc.string({ unit: 'binary' }), fc.json()), (text) => {
        try {
          const { count, proven, faults } = verifyReceipts(text);
          expect(proven).toBeLessThanOrEqual(count);
          for (const { detail } of faults) expect(detail).not.toBe('');
        } catch (error) {
          expect(error).toMatchObject({ code: 'RECEIPT_INVALID' });
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a text of 4 MB in one cell', () => `kind\n"${'x'.repeat(4e6)}"`],
    ['quotation marks without end', () => `kind\n"${'""'.repeat(2e6)}`],
    ['separators without end', () => ','.repeat(4e6)],
    [
      'arrays inside of arrays',
      () => `{"format":"satway-receipts/1","receipts":[${'['.repeat(5e4)}${']'.repeat(5e4)}]}`,
    ],
  ])('of %s cost little', (_, file) => {
    try {
      expect(verifyReceipts(file()).faults).not.toEqual([]);
    } catch (error) {
      expect(error).toMatchObject({ code: 'RECEIPT_INVALID' });
    }
  });

  it.each(['', 'hello', '{}', '{"format":"satway-receipts/1"}', '[1]', '{"a', 'kind,purchaseId\r\n', 'kind\r\n"x" y'])(
    'are not what %j is',
    (text) => {
      expect(() => verifyReceipts(text)).toThrow(expect.objectContaining({ code: 'RECEIPT_INVALID' }));
    },
  );
});
