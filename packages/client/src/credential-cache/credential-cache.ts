import type { Database, SqlRow } from '../store/database.js';
import { integerOrNull, text } from '../store/row.js';
import { credentialPlace } from '../vault/seal-credentials.js';
import type { Vault } from '../vault/vault.js';
import { ANY_WALLET, createKeptCredentials, type KeptCredentials } from './kept-credentials.js';
import { type AskedThing, isOutside } from '../offer/scope.js';
import { scopesFor } from './known-paths.js';
import { termsOf } from './macaroon-terms.js';

/** A paid credential with its secrets, on its way into one `Authorization` header. */
export interface PaidCredential {
  readonly purchaseId: string;
  readonly origin: string;
  readonly paymentHashHex: string;
  readonly macaroonText: string;
  readonly preimageHex: string;
  readonly usesTotal: number | null;
  readonly expiresAtMs: number | null;
}

/** Whose credential for what: nobody else's wallet, host or scope can select one. */
export interface CacheKey {
  readonly walletId: string;
  readonly origin: string;
  readonly scope: string;
}

/** Credentials that were paid for, by wallet, host and scope. Each method is one atomic step. */
export interface CredentialCache extends KeptCredentials {
  /**
   * Takes one use of a good credential, in one step, so that two processes never count on the same one; `null` when there is none.
   *
   * @param thing - what it is to open: a credential that itself says that it does not is left where it is.
   */
  takeUse(key: CacheKey, nowMs: number, thing?: AskedThing): PaidCredential | null;
  /** Whether there may be a use under one of these scopes: one look, which takes nothing. */
  mayHaveUse(walletId: string, origin: string, scopes: readonly string[], nowMs: number): boolean;
  /** The seller said that this use was not charged. */
  giveBackUse(purchaseId: string): void;
  /** The credential of one purchase, whatever its uses; `null` before it is paid. */
  ofPurchase(purchaseId: string): PaidCredential | null;
  /** Refused from the cache: never used again. */
  drop(purchaseId: string): void;
  /** Paid just now and refused: kept as evidence, and nothing more is bought from its host by itself. */
  quarantine(purchaseId: string, nowMs: number): void;
  isStopped(origin: string): boolean;
  /** A person has settled it with the seller. */
  liftStop(origin: string): void;
  stoppedOrigins(): string[];
  /** As what this very thing was sold before, so that the next call of it needs no unpaid leg; learnt when a purchase settles. The narrowest first. */
  scopesFor(origin: string, thing: AskedThing): string[];
}

const COLUMNS = 'purchase_id, origin, payment_hash_hex, macaroon_sealed, preimage_sealed, uses_total, expires_at_ms';

export function createCredentialCache(database: Database, vault: Vault): CredentialCache {
  return {
    ...createKeptCredentials(database, vault),
    // What cannot be opened is not taken: the step is undone.
    takeUse: (key, nowMs, thing) =>
      hasUse(database, key.walletId, key.origin, [key.scope], nowMs)
        ? database.atomically(() => takeUse(database, vault, key, nowMs, thing))
        : null,
    mayHaveUse: (walletId, origin, scopes, nowMs) => hasUse(database, walletId, origin, scopes, nowMs),
    giveBackUse: (purchaseId) =>
      void database.run('UPDATE credentials SET uses_taken = MAX(uses_taken - 1, 0) WHERE purchase_id = ?', purchaseId),
    ofPurchase: (purchaseId) => ofPurchase(database, vault, purchaseId),
    drop: (purchaseId) =>
      void database.run(`UPDATE credentials SET state = 'refused' WHERE purchase_id = ?`, purchaseId),
    quarantine: (purchaseId, nowMs) => database.atomically(() => quarantine(database, purchaseId, nowMs)),
    isStopped: (origin) => database.get('SELECT 1 AS yes FROM stopped_origins WHERE origin = ?', origin) !== undefined,
    liftStop: (origin) => void database.run('DELETE FROM stopped_origins WHERE origin = ?', origin),
    stoppedOrigins: () => database.all('SELECT origin FROM stopped_origins').map((row) => text(row, 'origin')),
    scopesFor: (origin, thing) => scopesFor(database, origin, thing),
  };
}

/** What was imported is every wallet's. */
const HAS_USE = `wallet_id IN (?, '${ANY_WALLET}') AND origin = ? AND state = 'good' AND preimage_sealed IS NOT NULL AND handed_over_at_ms IS NULL
    AND (uses_total IS NULL OR uses_taken < uses_total) AND (expires_at_ms IS NULL OR expires_at_ms > ?)`;

/** The one that expires first goes first. */
const NEXT_USES = `SELECT purchase_id FROM credentials WHERE ${HAS_USE} AND scope = ?
  ORDER BY COALESCE(expires_at_ms, 9007199254740991), purchase_id`;

/** Most calls find none: looking needs no turn at writing. */
function hasUse(
  database: Database,
  walletId: string,
  origin: string,
  scopes: readonly string[],
  nowMs: number,
): boolean {
  const places = scopes.map(() => '?').join(', ');
  const sql = `SELECT 1 FROM credentials WHERE ${HAS_USE} AND scope IN (${places}) LIMIT 1`;
  return database.get(sql, walletId, origin, nowMs, ...scopes) !== undefined;
}

function takeUse(
  database: Database,
  vault: Vault,
  { walletId, origin, scope }: CacheKey,
  nowMs: number,
  thing: AskedThing | undefined,
): PaidCredential | null {
  for (const row of database.all(NEXT_USES, walletId, origin, nowMs, scope)) {
    const purchaseId = text(row, 'purchase_id');
    const credential = ofPurchase(database, vault, purchaseId);
    if (credential === null || (thing !== undefined && leavesOut(credential, thing))) continue;
    database.run('UPDATE credentials SET uses_taken = uses_taken + 1 WHERE purchase_id = ?', purchaseId);
    return credential;
  }
  return null;
}

function leavesOut({ macaroonText }: PaidCredential, thing: AskedThing): boolean {
  const terms = termsOf(macaroonText);
  return terms !== null && isOutside(terms, thing);
}

function ofPurchase(database: Database, vault: Vault, purchaseId: string): PaidCredential | null {
  const sql = `SELECT ${COLUMNS} FROM credentials WHERE purchase_id = ? AND preimage_sealed IS NOT NULL`;
  return credentialOrNull(vault, database.get(sql, purchaseId));
}

function quarantine(database: Database, purchaseId: string, nowMs: number): void {
  database.run(`UPDATE credentials SET state = 'quarantined' WHERE purchase_id = ?`, purchaseId);
  database.run(
    'INSERT INTO stopped_origins SELECT origin, purchase_id, ? FROM credentials WHERE purchase_id = ? ON CONFLICT DO NOTHING',
    nowMs,
    purchaseId,
  );
}

function credentialOrNull(vault: Vault, row: SqlRow | undefined): PaidCredential | null {
  if (row === undefined) return null;
  const identity = {
    purchaseId: text(row, 'purchase_id'),
    origin: text(row, 'origin'),
    paymentHashHex: text(row, 'payment_hash_hex'),
  };
  return {
    ...identity,
    macaroonText: vault.open(credentialPlace(identity, 'macaroon_sealed'), text(row, 'macaroon_sealed')),
    preimageHex: vault.open(credentialPlace(identity, 'preimage_sealed'), text(row, 'preimage_sealed')),
    usesTotal: integerOrNull(row, 'uses_total'),
    expiresAtMs: integerOrNull(row, 'expires_at_ms'),
  };
}
