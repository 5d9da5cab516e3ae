import fc from 'fast-check';
import Libsql from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPurchaseStore, type PurchaseStore } from '../../src/index.js';
import type { Quote } from '../../src/journal/index.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { migrations } from '../../src/store/schema.js';
import { quoteOf, temporaryStore, temporaryStorePath, valueOf } from '../temporary-store.js';

const limits = { feeCeilingMsat: 1000, maxTotalMsat: 1_000_000 };
const tooLittle = { ...limits, maxTotalMsat: 4999 };
const payment = { preimageHex: 'ab'.repeat(32), amountMsat: 5000, feeMsat: 100 };
/** The version from which on refused purchases keep no credential. */
const FORGETS_SINCE = migrations.findIndex((text) => text.includes('purchases_never_sent')) + 1;
const DAY_MS = 24 * 3_600_000;

function openStoreWithClock() {
  const clock = { ms: 1_000 * DAY_MS };
  const path = temporaryStorePath();
  const store = openPurchaseStore({ path, nowMs: () => clock.ms });
  const database = openDatabase(path);
  store.budgets.registerCap('default', 1_000_000);
  const close = () => {
    database.close();
    store.close();
  };
  return { store, clock, database, close };
}

function storeWithClock() {
  const opened = openStoreWithClock();
  onTestFinished(opened.close);
  return opened;
}

const idsIn = (database: Database, table: string) =>
  database.all(`SELECT purchase_id FROM ${table}`).map((row) => String(row['purchase_id']));

function refused(store: PurchaseStore, number: number): string {
  expect(store.journal.begin(quoteOf(number), tooLittle)).toEqual({ ok: false, code: 'PRICE_ABOVE_LIMIT' });
  return store.journal.findByHash(quoteOf(number).paymentHashHex)[0]?.purchaseId ?? '';
}

/** Copies of one refused purchase, each a second older than the one before. */
function addRefused(database: Database, purchaseId: string, count: number): void {
  const columns = database
    .all('SELECT name FROM pragma_table_info(?)', 'purchases')
    .map((row) => String(row['name']))
    .filter((name) => !['purchase_id', 'payment_hash_hex', 'idempotency_key', 'updated_at_ms'].includes(name));
  database.run(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO purchases (purchase_id, payment_hash_hex, idempotency_key, updated_at_ms, ${columns.join(', ')})
     SELECT 'copy-' || i, 'hash-' || i, 'copy-' || i, updated_at_ms - 1000 * i, ${columns.join(', ')} FROM n, purchases WHERE purchase_id = ?`,
    count,
    purchaseId,
  );
}

describe('a purchase that failed before anything was sent', () => {
  it('keeps no credential, whether the budget or a person refused it or nobody waited for it', () => {
    const { store, database } = storeWithClock();
    refused(store, 1);
    store.journal.fail(valueOf(store.journal.quote(quoteOf(2))), 'APPROVAL_DENIED');
    const reserved = valueOf(store.journal.quote(quoteOf(3)));
    valueOf(store.journal.reserve(reserved, limits));
    store.journal.fail(reserved, 'abandoned before it was sent');
    expect(idsIn(database, 'credentials')).toEqual([]);
    expect(idsIn(database, 'purchases')).toHaveLength(3);
  });

  it('can be offered again for the same thing, is paid then, and has its credential', () => {
    const { store } = storeWithClock();
    refused(store, 1);
    const { purchaseId } = valueOf(store.journal.begin(quoteOf(1, { macaroonText: 'newer' }), limits));
    store.journal.settle(purchaseId, payment);
    expect(store.credentials.ofPurchase(purchaseId)).toMatchObject({ macaroonText: 'newer' });
  });

  it('is not paid when another program paid its invoice meanwhile and the credential was imported', () => {
    const { store, database } = storeWithClock();
    refused(store, 1);
    const other = valueOf(store.journal.begin(quoteOf(2), limits)).purchaseId;
    store.journal.settle(other, payment);
    database.run(
      'UPDATE credentials SET purchase_id = ?, payment_hash_hex = ?, imported_at_ms = 1 WHERE purchase_id = ?',
      'imported',
      quoteOf(1).paymentHashHex,
      other,
    );
    expect(store.journal.begin(quoteOf(1), limits)).toMatchObject({ ok: false, code: 'PAYMENT_HASH_REUSED' });
  });

  it('is forgotten after seven days, when the next one fails so', () => {
    const { store, clock, database } = storeWithClock();
    const old = refused(store, 1);
    clock.ms += 7 * DAY_MS;
    refused(store, 2);
    expect(idsIn(database, 'purchases')).toContain(old);
    clock.ms += 1;
    refused(store, 3);
    expect(idsIn(database, 'purchases')).toHaveLength(2);
    expect(store.journal.get(old)).toBeNull();
  });

  it('is forgotten when a thousand newer ones are there, in small steps', () => {
    const { store, database } = storeWithClock();
    addRefused(database, refused(store, 1), 1_030);
    refused(store, 2);
    expect(idsIn(database, 'purchases')).toHaveLength(1_012);
    refused(store, 3);
    refused(store, 4);
    const left = idsIn(database, 'purchases');
    expect(left).toHaveLength(1_000);
    expect(left).toContain('copy-996');
    expect(left).not.toContain('copy-997');
  });

  it('stays when it was ever sent, when it has entries in the ledger, and while somebody has it in hand', () => {
    const { store, clock, database } = storeWithClock();
    const sent = valueOf(store.journal.begin(quoteOf(1), limits)).purchaseId;
    store.journal.fail(sent, 'no route');
    const reserved = valueOf(store.journal.quote(quoteOf(2)));
    valueOf(store.journal.reserve(reserved, limits));
    store.journal.fail(reserved, 'abandoned before it was sent');
    const inHand = refused(store, 3);
    const settled = valueOf(store.journal.begin(quoteOf(4), limits)).purchaseId;
    store.journal.settle(settled, payment);
    const unknown = valueOf(store.journal.begin(quoteOf(5), limits)).purchaseId;
    store.journal.markUnknown(unknown, { seenInFlight: true });
    const waiting = valueOf(store.journal.quote(quoteOf(6)));
    clock.ms += 30 * DAY_MS;
    expect(store.journal.adopt(inHand)).toBe(true);
    clock.ms += 30 * DAY_MS;
    refused(store, 7);
    expect(idsIn(database, 'purchases')).toEqual(
      expect.arrayContaining([sent, reserved, inHand, settled, unknown, waiting]),
    );
    expect(idsIn(database, 'credentials').toSorted()).toEqual([sent, settled, unknown, waiting].toSorted());
  });

  it('of an older store loses its credential when the store is opened, and no other does', () => {
    const path = temporaryStorePath();
    const older = openPurchaseStore({ path });
    older.budgets.registerCap('default', 1_000_000);
    const unsent = refused(older, 1);
    const sent = valueOf(older.journal.begin(quoteOf(2), limits)).purchaseId;
    older.journal.fail(sent, 'no route');
    const waiting = valueOf(older.journal.quote(quoteOf(3)));
    older.close();
    asBeforeForgetting(path, unsent, sent);
    temporaryStore(path);
    const database = openDatabase(path);
    onTestFinished(() => database.close());
    expect(idsIn(database, 'purchases')).toHaveLength(3);
    expect(idsIn(database, 'credentials').toSorted()).toEqual([sent, waiting].toSorted());
  });
});

/** The store as the version before kept it: the refused purchase has a credential, like that of another one. */
function asBeforeForgetting(path: string, unsent: string, like: string): void {
  const file = new Libsql(path);
  file.exec(`DROP INDEX purchases_never_sent; DROP INDEX ledger_by_purchase; ALTER TABLE approvals DROP COLUMN sent_before; PRAGMA user_version = ${FORGETS_SINCE - 1};
    INSERT INTO credentials (purchase_id, wallet_id, origin, scope, state, payment_hash_hex, macaroon_sealed)
    SELECT '${unsent}', wallet_id, origin, scope, state, '${quoteOf(1).paymentHashHex}', macaroon_sealed FROM credentials WHERE purchase_id = '${like}'`);
  file.close();
}

/** What can happen to the offer of one hash. */
const step = fc.record({
  number: fc.integer({ min: 1, max: 6 }),
  what: fc.constantFrom('refuse', 'deny', 'abandon', 'pay', 'lose', 'break', 'settle', 'days', 'otherThing'),
});

/** Where the hash stands by what was done, whatever the store remembers. */
interface Model {
  readonly ids: Map<number, string>;
  readonly stands: Map<number, 'sending' | 'settled' | 'broken'>;
  /** What it was sent for: that alone may be sent again after it failed. */
  readonly things: Map<number, string>;
  readonly costs: { readonly atMs: number; readonly msat: number }[];
}

describe('what is forgotten', () => {
  it('changes no sum, and lets no payment be made twice', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        const { store, clock, database, close } = openStoreWithClock();
        try {
          const model: Model = { ids: new Map(), stands: new Map(), things: new Map(), costs: [] };
          for (const [index, { number, what }] of steps.entries()) {
            take(store, clock, model, { number, what, key: `key-${index}` });
            expect(sumsOf(store)).toEqual(sumsOfModel(model, clock.ms));
            expect(idsIn(database, 'purchases')).toEqual(expect.arrayContaining([...model.ids.values()]));
          }
        } finally {
          close();
        }
      }),
      { numRuns: 25 },
    );
  });
});

function take(
  { journal }: PurchaseStore,
  clock: { ms: number },
  { ids, stands, things, costs }: Model,
  { number, what, key }: { number: number; what: string; key: string },
): void {
  const other =
    what === 'otherThing' ? { url: 'https://api.example/other', targetUrl: 'https://api.example/other' } : {};
  const quote = quoteOf(number, { idempotencyKey: key, ...other });
  const stand = stands.get(number);
  clock.ms += 1;
  if (what === 'days') clock.ms += 4 * DAY_MS;
  else if (what === 'settle' || what === 'break' || what === 'lose') {
    const purchaseId = ids.get(number);
    if (stand !== 'sending' || purchaseId === undefined) return;
    if (what === 'lose') return journal.markUnknown(purchaseId, { seenInFlight: false });
    stands.set(number, what === 'settle' ? 'settled' : 'broken');
    if (what === 'break') return journal.fail(purchaseId, 'no route');
    journal.settle(purchaseId, payment);
    costs.push({ atMs: clock.ms, msat: 5100 });
  } else {
    const result =
      what === 'pay' || what === 'otherThing' ? journal.begin(quote, limits) : refuseQuote(journal, what, quote);
    const mayBePaid = stand === undefined || (stand === 'broken' && things.get(number) === quote.url);
    if (!mayBePaid) expect(result.ok).toBe(false);
    if (!result.ok) return;
    ids.set(number, result.value.purchaseId);
    stands.set(number, 'sending');
    things.set(number, quote.url);
  }
}

type Journal = PurchaseStore['journal'];

/** Ends an offer before it is sent, in one of the ways in which that happens. */
function refuseQuote(journal: Journal, what: string, quote: Quote): ReturnType<Journal['begin']> {
  if (what === 'refuse') return journal.begin(quote, tooLittle);
  const quoted = journal.quote(quote);
  if (!quoted.ok) return quoted;
  if (what === 'abandon') valueOf(journal.reserve(quoted.value, limits));
  journal.fail(quoted.value, what);
  return { ok: false, code: 'APPROVAL_DENIED' };
}

const NO_LIMITS = {
  perMinuteMsat: 9e9,
  perHourMsat: 9e9,
  perDayMsat: 9e9,
  perHostAndDayMsat: 9e9,
  perSessionMsat: 9e9,
};

function sumsOf({ budgets }: PurchaseStore) {
  const { spentMsat, reservedMsat } = budgets.state('default');
  const windows = budgets.limitStates({ budgetId: 'default', limits: NO_LIMITS }, 'api.example');
  return { spentMsat, reservedMsat, windows: Object.fromEntries(windows.map((each) => [each.limit, each.usedMsat])) };
}

function sumsOfModel({ stands, costs }: Model, nowMs: number) {
  const reservedMsat = 6000 * [...stands.values()].filter((stand) => stand === 'sending').length;
  const since = (ms: number) =>
    reservedMsat + costs.filter(({ atMs }) => atMs > nowMs - ms).reduce((sum, { msat }) => sum + msat, 0);
  const perDay = since(DAY_MS);
  const all = since(Number.MAX_SAFE_INTEGER);
  return {
    spentMsat: all - reservedMsat,
    reservedMsat,
    windows: {
      perMinute: since(60_000),
      perHour: since(3_600_000),
      perDay,
      perHostAndDay: perDay,
      perSession: all,
    },
  };
}
