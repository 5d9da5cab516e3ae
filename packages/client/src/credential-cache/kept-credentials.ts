import { randomUUID } from 'node:crypto';
import { type CredentialTerms, decodeMacaroonText } from '@satway/protocol';
import type { StepResult } from '../journal/purchase-journal.js';
import { endpointScopeOf, HOST_SCOPE, usesOf } from '../offer/scope.js';
import type { Database, SqlRow } from '../store/database.js';
import { integer, integerOrNull, text, textOrNull } from '../store/row.js';
import { type TokenFile, writeTokenFile } from '../token-file/index.js';
import { credentialPlace } from '../vault/seal-credentials.js';
import type { Vault } from '../vault/vault.js';
import { learnPath } from './known-paths.js';
import { termsOf } from './macaroon-terms.js';

/** Stands as wallet of what was imported: every wallet that uses the store may use it. */
export const ANY_WALLET = '*';

/** What a person may see of a credential. No secret. */
export interface KeptCredential {
  /** The purchase that it came of; of an imported one an id of its own. */
  readonly credentialId: string;
  readonly origin: string;
  readonly scope: string;
  /** `pending` is not paid; `refused` and `quarantined` are not used any more. */
  readonly state: 'pending' | 'good' | 'refused' | 'quarantined';
  readonly usesTotal: number | null;
  readonly usesTaken: number;
  readonly expiresAtMs: number | null;
  readonly paymentHashHex: string;
  readonly imported: boolean;
  /** Somebody else has it, to use it without this store: `obtain` gave it out. */
  readonly handedOver: boolean;
}

/** Where an imported credential may go. */
export interface ImportPlace {
  /** A URL that it opens; only its origin ever sees it. */
  readonly url: string;
  readonly nowMs: number;
}

/** What lies in the cache, and how it gets in and out other than by a purchase. */
export interface KeptCredentials {
  /** Newest last, as far as anything tells. Opens no secret. */
  list(): KeptCredential[];
  /**
   * Takes a credential in that another program paid for. It is used like a bought one: before anything is bought, on its own host only; one that says nothing
   * of what it opens is tried on the whole host. `added` is false where the store has it.
   *
   * @returns `CREDENTIAL_FILE_INVALID` for an expired one or a URL that is none; `PAYMENT_HASH_REUSED` where its payment stands under a purchase that is not done.
   */
  importToken(token: TokenFile, place: ImportPlace): StepResult<{ credentialId: string; added: boolean }>;
  /**
   * A paid credential as a token file, with all its secrets.
   *
   * @returns `CREDENTIAL_FILE_INVALID` where there is none under this id that is paid, or it is no macaroon.
   */
  exportToken(credentialId: string): StepResult<{ bytes: Uint8Array; origin: string }>;
}

export function createKeptCredentials(database: Database, vault: Vault): KeptCredentials {
  return {
    list: () =>
      database
        .all(
          'SELECT c.*, c.imported_at_ms IS NOT NULL AS imported FROM credentials c LEFT JOIN purchases p USING (purchase_id) ORDER BY COALESCE(p.created_at_ms, c.imported_at_ms), purchase_id',
        )
        .map(keptFromRow),
    importToken: (token, place) => database.atomically(() => importToken(database, vault, token, place)),
    exportToken: (credentialId) => exportToken(database, vault, credentialId),
  };
}

function keptFromRow(row: SqlRow): KeptCredential {
  return {
    credentialId: text(row, 'purchase_id'),
    origin: text(row, 'origin'),
    scope: text(row, 'scope'),
    state: text(row, 'state') as KeptCredential['state'],
    usesTotal: integerOrNull(row, 'uses_total'),
    usesTaken: integer(row, 'uses_taken'),
    expiresAtMs: integerOrNull(row, 'expires_at_ms'),
    paymentHashHex: text(row, 'payment_hash_hex'),
    imported: integer(row, 'imported') === 1,
    handedOver: integerOrNull(row, 'handed_over_at_ms') !== null,
  };
}

function importToken(
  database: Database,
  vault: Vault,
  token: TokenFile,
  { url, nowMs }: ImportPlace,
): StepResult<{ credentialId: string; added: boolean }> {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null || !/^https?:$/.test(target.protocol)) return invalid('Its URL is no http or https URL.');
  const terms = termsOf(token.macaroon);
  if (terms !== null && terms.effectiveExpiresAtMs <= nowMs) return invalid('It has expired.');
  const known = database.get(
    'SELECT purchase_id, origin, state, imported_at_ms FROM credentials WHERE payment_hash_hex = ?',
    token.paymentHashHex,
  );
  if (known !== undefined && !mayBeTakenInAgain(known, target.origin)) return whereItStands(known, target.origin);
  if (known !== undefined) database.run('DELETE FROM credentials WHERE purchase_id = ?', text(known, 'purchase_id'));
  const credentialId = insert(database, vault, { token, terms, origin: target.origin, nowMs });
  if (terms !== null) {
    const { origin, pathname: path } = target;
    // Its digests, where it has some, are those of a body or a query.
    const place = { origin, method: terms.method ?? 'GET', path, bodySha256Hex: '' };
    learnPath(database, place, endpointScopeOf(terms), 'keep');
  }
  return { ok: true, value: { credentialId, added: true } };
}

/** One that was refused once may be good again; whoever imports it anew says so. */
function mayBeTakenInAgain(row: SqlRow, origin: string): boolean {
  const isRefused = text(row, 'state') === 'refused' && text(row, 'origin') === origin;
  return isRefused && integerOrNull(row, 'imported_at_ms') !== null;
}

function whereItStands(row: SqlRow, origin: string): StepResult<{ credentialId: string; added: boolean }> {
  if (text(row, 'state') !== 'good' || text(row, 'origin') !== origin)
    return { ok: false, code: 'PAYMENT_HASH_REUSED' };
  return { ok: true, value: { credentialId: text(row, 'purchase_id'), added: false } };
}

interface Incoming {
  readonly token: TokenFile;
  readonly terms: CredentialTerms | null;
  readonly origin: string;
  readonly nowMs: number;
}

function insert(database: Database, vault: Vault, { token, terms, origin, nowMs }: Incoming): string {
  const purchaseId = randomUUID();
  const { paymentHashHex, preimageHex } = token;
  const identity = { purchaseId, origin, paymentHashHex };
  const macaroonText = Buffer.from(token.macaroon).toString('base64');
  database.run(
    `INSERT INTO credentials (purchase_id, wallet_id, origin, scope, state, uses_total, expires_at_ms, payment_hash_hex, macaroon_sealed, preimage_sealed,
       imported_at_ms, import_paid_msat, import_fee_msat, import_paid_at_ms) VALUES (?, ?, ?, ?, 'good', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    purchaseId,
    ANY_WALLET,
    origin,
    terms === null ? HOST_SCOPE : endpointScopeOf(terms),
    usesOf(terms),
    terms?.effectiveExpiresAtMs ?? null,
    paymentHashHex,
    vault.seal(credentialPlace(identity, 'macaroon_sealed'), macaroonText),
    vault.seal(credentialPlace(identity, 'preimage_sealed'), preimageHex),
    nowMs,
    token.amountMsat,
    token.feeMsat,
    token.createdAtMs,
  );
  return purchaseId;
}

function exportToken(
  database: Database,
  vault: Vault,
  credentialId: string,
): StepResult<{ bytes: Uint8Array; origin: string }> {
  const row = database.get(
    `SELECT c.*, p.amount_msat, p.fee_msat, p.created_at_ms FROM credentials c LEFT JOIN purchases p USING (purchase_id) WHERE purchase_id = ?`,
    credentialId,
  );
  const sealedPreimage = row === undefined ? null : textOrNull(row, 'preimage_sealed');
  if (row === undefined || sealedPreimage === null) return invalid('There is no paid credential under this id.');
  const origin = text(row, 'origin');
  const paymentHashHex = text(row, 'payment_hash_hex');
  const identity = { purchaseId: credentialId, origin, paymentHashHex };
  const macaroonText = vault.open(credentialPlace(identity, 'macaroon_sealed'), text(row, 'macaroon_sealed'));
  const macaroon = decodeMacaroonText(macaroonText);
  if (!macaroon.ok) return invalid('The seller gave a token that is no macaroon: such files cannot hold it.');
  const written = writeTokenFile({
    macaroon: macaroon.value.bytes,
    paymentHashHex,
    preimageHex: vault.open(credentialPlace(identity, 'preimage_sealed'), sealedPreimage),
    amountMsat: firstOf(row, 'import_paid_msat', 'amount_msat'),
    feeMsat: firstOf(row, 'import_fee_msat', 'fee_msat'),
    createdAtMs: firstOf(row, 'import_paid_at_ms', 'created_at_ms'),
  });
  return written.ok ? { ok: true, value: { bytes: written.value, origin } } : written;
}

function firstOf(row: SqlRow, ...columns: readonly string[]): number {
  return columns.map((column) => integerOrNull(row, column)).find((value) => value !== null) ?? 0;
}

function invalid(detail: string): { ok: false; code: 'CREDENTIAL_FILE_INVALID'; detail: string } {
  return { ok: false, code: 'CREDENTIAL_FILE_INVALID', detail };
}
