import { acquireProcessLock, type ProcessLock, SatwayError } from '@satway/base';
import Database from 'libsql';
import type { InvoiceRecord, NodeRecord, PaymentRecord, SandboxFailureReason } from './records.js';
import { invoiceFromRow, nodeFromRow, paymentFromRow, type Row } from './rows.js';
import { SANDBOX_SCHEMA, SCHEMA_VERSION } from './schema.js';

type Value = string | number | null;

/**
 * The books of the sandbox network. Every step that moves money is one transaction; with a file it is on disk before the step returns, so
 * whatever was acknowledged outlives `kill -9`.
 */
export class SandboxLedger {
  readonly #database: Database.Database;
  readonly #lock: ProcessLock | null;
  readonly #statements = new Map<string, Database.Statement>();

  /**
   * @param stateFile - a SQLite file, made when missing; `null` keeps the books in memory.
   * @throws {SatwayError} `PROCESS_LOCK_HELD` where another sandbox has the file open, `SANDBOX_STATE_UNUSABLE` where it is none of ours.
   */
  constructor(stateFile: string | null) {
    this.#lock = stateFile === null ? null : acquireProcessLock(`${stateFile}.lock`);
    try {
      this.#database = openDatabase(stateFile);
    } catch (cause) {
      this.#lock?.release();
      throw new SatwayError('SANDBOX_STATE_UNUSABLE', { cause });
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
    this.#lock?.release();
  }

  /** All or nothing. */
  atomically<T>(step: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = step();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #statement(sql: string): Database.Statement {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #run(sql: string, ...values: Value[]): number {
    return this.#statement(sql).run(...values).changes;
  }

  #get(sql: string, ...values: Value[]): Row | null {
    return (this.#statement(sql).get(...values) as Row | undefined) ?? null;
  }

  #all(sql: string, ...values: Value[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** The next number of a counter, from 1. Only inside `atomically`. */
  nextNumber(counter: string): number {
    this.#run(
      'INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1',
      counter,
    );
    return Number(this.#get('SELECT value FROM counters WHERE name = ?', counter)?.['value']);
  }

  addNode(name: string, privateKeyHex: string): void {
    this.#run('INSERT INTO nodes VALUES (?, ?, 0, 0)', name, privateKeyHex);
  }

  findNode(name: string): NodeRecord | null {
    const row = this.#get('SELECT * FROM nodes WHERE name = ?', name);
    return row === null ? null : nodeFromRow(row);
  }

  listNodes(): NodeRecord[] {
    return this.#all('SELECT * FROM nodes ORDER BY rowid').map(nodeFromRow);
  }

  fund(name: string, amountMsat: number): void {
    this.#run(
      'UPDATE nodes SET balance_msat = balance_msat + ?, funded_msat = funded_msat + ? WHERE name = ?',
      amountMsat,
      amountMsat,
      name,
    );
  }

  /** The database refuses what would make a balance negative. */
  addToBalance(name: string, amountMsat: number): void {
    this.#run('UPDATE nodes SET balance_msat = balance_msat + ? WHERE name = ?', amountMsat, name);
  }

  addInvoice(record: InvoiceRecord): void {
    this.#run(
      `INSERT INTO invoices (payment_hash_hex, node, add_index, preimage_hex, payment_secret_hex, amount_msat, description,
         description_hash_hex, invoice,         created_at_seconds, expiry_seconds, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'OPEN')`,
      record.paymentHashHex,
      record.node,
      record.addIndex,
      record.preimageHex,
      record.paymentSecretHex,
      record.amountMsat,
      record.description,
      record.descriptionHashHex,
      record.invoice,
      record.createdAtSeconds,
      record.expirySeconds,
    );
  }

  findInvoice(paymentHashHex: string): InvoiceRecord | null {
    const row = this.#get('SELECT * FROM invoices WHERE payment_hash_hex = ?', paymentHashHex);
    return row === null ? null : invoiceFromRow(row);
  }

  listInvoices(node: string): InvoiceRecord[] {
    return this.#all('SELECT * FROM invoices WHERE node = ? ORDER BY add_index', node).map(invoiceFromRow);
  }

  settledSince(node: string, settleIndex: number): InvoiceRecord[] {
    const sql = 'SELECT * FROM invoices WHERE node = ? AND settle_index > ? ORDER BY settle_index';
    return this.#all(sql, node, settleIndex).map(invoiceFromRow);
  }

  addedSince(node: string, addIndex: number): InvoiceRecord[] {
    const sql = 'SELECT * FROM invoices WHERE node = ? AND add_index > ? ORDER BY add_index';
    return this.#all(sql, node, addIndex).map(invoiceFromRow);
  }

  acceptInvoice(paymentHashHex: string, amountMsat: number, nowMs: number): void {
    this.#run(
      "UPDATE invoices SET state = 'ACCEPTED', amount_received_msat = ?, accepted_at_ms = ? WHERE payment_hash_hex = ?",
      amountMsat,
      nowMs,
      paymentHashHex,
    );
  }

  settleInvoice(paymentHashHex: string, settleIndex: number, amountMsat: number, nowMs: number): void {
    this.#run(
      `UPDATE invoices SET state = 'SETTLED', settle_index = ?, amount_received_msat = ?, settled_at_ms = ?,
         accepted_at_ms = coalesce(accepted_at_ms, ?) WHERE payment_hash_hex = ?`,
      settleIndex,
      amountMsat,
      nowMs,
      nowMs,
      paymentHashHex,
    );
  }

  cancelInvoice(paymentHashHex: string): void {
    this.#run(
      "UPDATE invoices SET state = 'CANCELED', amount_received_msat = 0 WHERE payment_hash_hex = ?",
      paymentHashHex,
    );
  }

  /** Writes a first attempt, or the next one in the place of a failed one. */
  putPayment(record: PaymentRecord): void {
    this.#run(
      'INSERT OR REPLACE INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      record.node,
      record.paymentHashHex,
      record.paymentIndex,
      record.invoice,
      record.payeeHex,
      record.paymentSecretHex,
      record.amountMsat,
      record.feeMsat,
      record.state,
      record.failureReason,
      record.preimageHex,
      record.createdAtMs,
      record.resolvedAtMs,
      record.sent ? 1 : 0,
      record.dueAtMs,
      record.endsAs,
    );
  }

  findPayment(node: string, paymentHashHex: string): PaymentRecord | null {
    const row = this.#get('SELECT * FROM payments WHERE node = ? AND payment_hash_hex = ?', node, paymentHashHex);
    return row === null ? null : paymentFromRow(row);
  }

  /** Whoever has money on its way to this hash; at most one. */
  findInFlight(paymentHashHex: string): PaymentRecord | null {
    const row = this.#get(
      "SELECT * FROM payments WHERE payment_hash_hex = ? AND state = 'IN_FLIGHT' AND sent = 1",
      paymentHashHex,
    );
    return row === null ? null : paymentFromRow(row);
  }

  listPayments(node: string): PaymentRecord[] {
    return this.#all('SELECT * FROM payments WHERE node = ? ORDER BY payment_index', node).map(paymentFromRow);
  }

  listInFlight(): PaymentRecord[] {
    return this.#all("SELECT * FROM payments WHERE state = 'IN_FLIGHT'").map(paymentFromRow);
  }

  resolvePayment(
    record: PaymentRecord,
    state: 'SUCCEEDED' | 'FAILED',
    preimageHex: string | null,
    failureReason: SandboxFailureReason,
    nowMs: number,
  ): void {
    this.#run(
      `UPDATE payments SET state = ?, preimage_hex = ?, failure_reason = ?, resolved_at_ms = ?
         WHERE node = ? AND payment_hash_hex = ? AND state = 'IN_FLIGHT'`,
      state,
      preimageHex,
      failureReason,
      nowMs,
      record.node,
      record.paymentHashHex,
    );
  }
}

function openDatabase(stateFile: string | null): Database.Database {
  const database = new Database(stateFile ?? ':memory:');
  try {
    refuseForeign(database);
    database.exec(`PRAGMA journal_mode = ${stateFile === null ? 'MEMORY' : 'WAL'}`);
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA foreign_keys = ON');
    database.exec(SANDBOX_SCHEMA);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A database of somebody else's is left as it is. */
function refuseForeign(database: Database.Database): void {
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_master').get() as { tables: number };
  const version = (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
  if (tables === 0 || version === SCHEMA_VERSION) return;
  throw new SatwayError('SANDBOX_STATE_UNUSABLE', { detail: 'It holds the tables of another program or version.' });
}
