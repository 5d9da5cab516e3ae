import type {
  AnswerToKeep,
  ClaimRef,
  ClaimRequest,
  ClaimResult,
  ClaimStore,
  PaymentRef,
  Revocation,
  RevokeResult,
} from '../claim-store.js';
import {
  assertAnswerToKeep,
  assertClaimRef,
  assertClaimRequest,
  assertLease,
  assertPaymentRef,
  assertRevocation,
} from '../validate-claim.js';
import { MOST_REVOCATIONS } from '../claim-rules.js';
import { byteaArray } from './array-literal.js';
import { captureRows, claimRows, releaseRows, renewRows } from './batch-statements.js';
import type { ClaimDatabase, Statement } from './claim-database.js';
import { GroupCommit, type GroupCommitLimits } from './group-commit.js';

/** What an operator may want to change; the rest follows from the machine. */
export interface SqlClaimStoreOptions {
  /** From a call to its answer, or to `STORE_UNAVAILABLE`. */
  readonly timeLimitMs?: number;
  /** Calls of one kind that may wait for the database; one more is `STORE_UNAVAILABLE` at once. */
  readonly mostWaiting?: number;
  /** How long a first call waits for others that share its commit. */
  readonly gatherMs?: number;
  readonly mostPerBatch?: number;
}

export const DEFAULT_TIME_LIMIT_MS = 3_000;
const PRUNED_AT_ONCE = 1_000;
const REVOKE = {
  name: 'satway_revoke',
  text: 'SELECT satway.revoke_branch($1::text::uuid, $2::text::bytea, $3::text::bytea[], $4::text::bigint, $5::text::integer)',
};
const KNOWS = { name: 'satway_knows', text: 'SELECT satway.knows_payment($1::text::uuid, $2::text::bytea)' };
const PRUNE = { name: 'satway_prune', text: 'SELECT satway.prune($1::text::integer)' };
const PING = { name: 'satway_ping', text: 'SELECT 1' };

/** The claim store over the functions of `migrations/`, group-committed. */
export function createSqlClaimStore(database: ClaimDatabase, options: SqlClaimStoreOptions = {}): ClaimStore {
  return new SqlClaimStore(database, options);
}

interface CaptureItem {
  readonly ref: ClaimRef;
  readonly answer: AnswerToKeep | null;
}

interface RenewItem {
  readonly ref: ClaimRef;
  readonly leaseMs: number;
}

class SqlClaimStore implements ClaimStore {
  readonly #database: ClaimDatabase;
  readonly #claims: GroupCommit<ClaimRequest, ClaimResult>;
  readonly #captures: GroupCommit<CaptureItem, boolean>;
  readonly #releases: GroupCommit<ClaimRef, boolean>;
  readonly #renewals: GroupCommit<RenewItem, boolean>;
  /** Calls that need no batch, one at a time in a batch of one: for the time limit and the retries. */
  readonly #single: GroupCommit<() => Promise<number>, number>;

  #closing: Promise<void> | null = null;

  constructor(database: ClaimDatabase, options: SqlClaimStoreOptions) {
    this.#database = database;
    const limits: GroupCommitLimits = {
      gatherMs: options.gatherMs ?? 1,
      mostPerBatch: options.mostPerBatch ?? 256,
      mostAtOnce: database.mostAtOnce,
      mostWaiting: options.mostWaiting ?? 10_000,
      timeLimitMs: options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS,
    };
    const { classify } = database;
    this.#claims = new GroupCommit(limits, (items) => claimRows(database, items), classify);
    this.#captures = new GroupCommit(limits, (items) => captureRows(database, items), classify);
    this.#releases = new GroupCommit(limits, (items) => releaseRows(database, items), classify);
    this.#renewals = new GroupCommit(limits, (items) => renewRows(database, items), classify);
    this.#single = new GroupCommit(
      { ...limits, gatherMs: 0, mostPerBatch: 1 },
      (items) => Promise.all(items.map((call) => call())),
      classify,
    );
  }

  async claim(request: ClaimRequest): Promise<ClaimResult> {
    assertClaimRequest(request);
    return this.#claims.submit(request);
  }

  async renew(ref: ClaimRef, leaseMs: number): Promise<boolean> {
    assertClaimRef(ref);
    assertLease(leaseMs);
    return this.#renewals.submit({ ref, leaseMs });
  }

  async capture(ref: ClaimRef, answer?: AnswerToKeep): Promise<boolean> {
    assertClaimRef(ref);
    if (answer !== undefined) assertAnswerToKeep(answer);
    return this.#captures.submit({ ref, answer: answer ?? null });
  }

  async release(ref: ClaimRef): Promise<boolean> {
    assertClaimRef(ref);
    return this.#releases.submit(ref);
  }

  async knows(payment: PaymentRef): Promise<boolean> {
    assertPaymentRef(payment);
    const parameters = [payment.tenantId, `\\x${payment.paymentHashHex}`];
    return this.#isTrue(KNOWS, parameters);
  }

  async revoke(revocation: Revocation): Promise<RevokeResult> {
    assertRevocation(revocation);
    const { tenantId, paymentHashHex, chainHashesHex, keepUntilMs } = revocation;
    const chain = byteaArray(chainHashesHex);
    const parameters = [tenantId, `\\x${paymentHashHex}`, chain, String(keepUntilMs), String(MOST_REVOCATIONS)];
    const revoked = await this.#isTrue(REVOKE, parameters);
    return { outcome: revoked ? 'revoked' : 'too_many' };
  }

  async #isTrue(statement: Statement, parameters: readonly string[]): Promise<boolean> {
    const answer = await this.#single.submit(async () => {
      const [row] = await this.#database.call(statement, parameters);
      return row?.[0] === true ? 1 : 0;
    });
    return answer === 1;
  }

  async prune(): Promise<number> {
    let pruned = 0;
    for (;;) {
      const step = await this.#single.submit(async () => {
        const rows = await this.#database.call(PRUNE, [String(PRUNED_AT_ONCE)]);
        return Number(rows[0]?.[0] ?? 0);
      });
      pruned += step;
      if (step < PRUNED_AT_ONCE) break;
    }
    if (pruned > 0) await this.#database.tidy?.();
    return pruned;
  }

  async ping(): Promise<void> {
    await this.#single.submit(async () => (await this.#database.call(PING, [])).length);
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    const groups = [this.#claims, this.#captures, this.#releases, this.#renewals, this.#single];
    await Promise.all(groups.map((group) => group.close()));
    await this.#database.close();
  }
}
