import { describe, expect, it, onTestFinished } from 'vitest';
import { learnPath } from '../../src/credential-cache/known-paths.js';
import { openPurchaseStore } from '../../src/index.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { quoteOf, temporaryStorePath, valueOf } from '../temporary-store.js';

const HOUR_MS = 3_600_000;
const NOW_MS = 500_000 * HOUR_MS;

function openStore() {
  const path = temporaryStorePath();
  const clock = { ms: NOW_MS };
  const store = openPurchaseStore({ path, nowMs: () => clock.ms });
  const database = openDatabase(path);
  onTestFinished(() => {
    database.close();
    store.close();
  });
  return { store, database, clock };
}

/** Adds rows 1 to `count` in one step; `values` may speak of `i`. */
function fill(database: Database, table: string, columns: string, values: string, count: number): void {
  database.run(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO ${table} (${columns}) SELECT ${values} FROM n`,
    count,
  );
}

const countIn = (database: Database, table: string) =>
  Number(database.get(`SELECT COUNT(*) AS n FROM ${table}`)?.['n']);

describe('a table that a stranger can fill', () => {
  it('of paths holds ten thousand, the newest, and shrinks in small steps', () => {
    const { store, database } = openStore();
    fill(
      database,
      'known_paths',
      'origin, method, path, bound_to, scope',
      `'https://evil.example', 'GET', '/' || i, '//', 's'`,
      10_150,
    );
    const mine = { origin: 'https://api.example', method: 'GET', path: '/mine', bodySha256Hex: 'e3'.repeat(32) };
    learnPath(database, mine, 'scope');
    expect(countIn(database, 'known_paths')).toBe(10_051);
    learnPath(database, mine, 'newer');
    expect(countIn(database, 'known_paths')).toBe(10_000);
    const scopesAt = (origin: string, path: string) =>
      store.credentials.scopesFor(origin, { method: 'GET', url: origin + path, bodySha256Hex: 'e3'.repeat(32) });
    expect(scopesAt('https://api.example', '/mine')).toEqual(['newer']);
    expect(scopesAt('https://evil.example', '/151')).toEqual([]);
    expect(scopesAt('https://evil.example', '/152')).toEqual(['s']);
  });

  it('of sessions holds ten thousand, those of which something was told last', () => {
    const { store, database } = openStore();
    const session = { origin: 'https://api.example', token: 'secret', expiresAtMs: null, balance: 1 };
    store.sessions.keep({ ...session, purchaseId: 'mine', updatedAtMs: NOW_MS - 20_000 });
    fill(
      database,
      'sessions',
      'purchase_id, origin, token_sealed, updated_at_ms',
      `'p' || i, 'https://evil.example', 'x', ${NOW_MS} - 10000 + i`,
      10_000,
    );
    store.sessions.keep({ ...session, purchaseId: 'mine', balance: 2, updatedAtMs: NOW_MS + 1 });
    expect(countIn(database, 'sessions')).toBe(10_000);
    expect(store.sessions.find('mine', NOW_MS)).toMatchObject({ balance: 2 });
    expect(database.get(`SELECT 1 FROM sessions WHERE purchase_id = 'p1'`)).toBeUndefined();
  });

  it('of alarms holds ten thousand, the newest', () => {
    const { store, database } = openStore();
    fill(database, 'given_alarms', 'kind, subject, at_ms', `'spending_rate', 'host' || i, i`, 10_000);
    expect(store.history.claimAlarm('spending_rate', 'mine', NOW_MS, null)).toBe(true);
    expect(store.history.claimAlarm('spending_rate', 'mine', NOW_MS, null)).toBe(false);
    expect(countIn(database, 'given_alarms')).toBe(10_000);
    expect(store.history.claimAlarm('spending_rate', 'host1', NOW_MS + 1, null)).toBe(true);
  });

  it('of spent hours holds ten thousand, the newest', () => {
    const { store, database, clock } = openStore();
    fill(database, 'spending_hours', 'origin, hour, spent_msat', `'https://evil.example', i, 1`, 10_000);
    store.budgets.registerCap('default', 1_000_000);
    const begun = store.journal.begin(quoteOf(1), { feeCeilingMsat: 0, maxTotalMsat: 1_000_000 });
    store.journal.settle(valueOf(begun).purchaseId, { preimageHex: 'ab'.repeat(32), amountMsat: 5000, feeMsat: 0 });
    clock.ms += 3 * HOUR_MS;
    expect(store.history.spendingOf('https://api.example', clock.ms)).toMatchObject({ busiestHourMsat: 5000 });
    expect(countIn(database, 'spending_hours')).toBe(10_000);
    expect(database.get('SELECT MIN(hour) AS hour FROM spending_hours')?.['hour']).toBe(2n);
  });

  it('of questions holds a thousand that nobody answered, and every answer for its time', () => {
    const { store, database } = openStore();
    const columns = `approval_id, state, owner_id, payment_hash_hex, invoice, request_digest_hex, amount_msat, fee_ceiling_msat,
      payee_hex, origin, method, url, created_at_ms, expires_at_ms`;
    const row = (id: string, state: string, expiresAtMs: number) =>
      `'${id}' || i, '${state}', 'o', '${id}' || i, 'lnbc', 'd', 1, 0, 'b', 'https://evil.example', 'GET', 'u', i, ${expiresAtMs}`;
    fill(database, 'approvals', columns, row('no', 'denied', NOW_MS - 1), 3);
    fill(database, 'approvals', columns, row('yes', 'used', NOW_MS - 1), 3);
    fill(database, 'approvals', columns, row('withdrawn', 'expired', NOW_MS + 1), 600);
    fill(database, 'approvals', columns, row('late', 'pending', NOW_MS - 1), 450);
    fill(database, 'approvals', columns, row('old', 'used', NOW_MS - 31 * 24 * HOUR_MS), 101);
    const asked = store.approvals.ask({
      paymentHashHex: 'ab'.repeat(32),
      invoice: 'lnbcrt1',
      requestDigestHex: 'cd'.repeat(32),
      amountMsat: 1000,
      feeCeilingMsat: 0,
      payeeHex: `02${'b'.repeat(64)}`,
      origin: 'https://api.example',
      method: 'GET',
      url: 'https://api.example/item',
      description: null,
      expiresAtMs: NOW_MS + HOUR_MS,
    });
    expect(asked.ok).toBe(true);
    // A thousand unanswered, three noes, three yeses, the new one, and one old one that the next step takes.
    expect(countIn(database, 'approvals')).toBe(1_008);
    expect(countIn(database, `approvals WHERE state IN ('denied', 'used') AND expires_at_ms = ${NOW_MS - 1}`)).toBe(6);
    expect(countIn(database, `approvals WHERE state = 'expired' OR payment_hash_hex LIKE 'late%'`)).toBe(1_000);
  });
});
