import { Buffer } from 'node:buffer';
import { SatwayError } from '@satway/base';
import type { AnswerToKeep, ClaimRef, ClaimRequest, ClaimResult, KeptAnswer } from '../claim-store.js';
import { byteaArray, plainArray, textArray } from './array-literal.js';
import type { ClaimDatabase, SqlRow, Statement } from './claim-database.js';

const CLAIM: Statement = {
  name: 'satway_claim',
  text:
    'SELECT n, outcome, retry_after_ms, status, raw_headers, body FROM satway.claim_batch($1::text::uuid[], $2::text::uuid[], ' +
    '$3::text::bytea[], $4::text::bigint[], $5::text::bigint[], $6::text::bigint[], $7::text::text[], $8::text::boolean[], ' +
    '$9::text::jsonb, $10::text::bytea[], $11::text::bytea[])',
};
const CAPTURE: Statement = {
  name: 'satway_capture',
  text:
    'SELECT satway.capture_batch($1::text::uuid[], $2::text::uuid[], $3::text::bytea[], $4::text::integer[], $5::text::text[], ' +
    '$6::text::bytea[], $7::text::bigint[])',
};
const RENEW: Statement = {
  name: 'satway_renew',
  text: 'SELECT satway.renew_batch($1::text::uuid[], $2::text::uuid[], $3::text::bytea[], $4::text::bigint[])',
};
const RELEASE: Statement = {
  name: 'satway_release',
  text: 'SELECT satway.release_batch($1::text::uuid[], $2::text::uuid[], $3::text::bytea[])',
};

/** Claims in one commit; answers in the order of the requests. */
export async function claimRows(
  database: ClaimDatabase,
  requests: readonly ClaimRequest[],
): Promise<readonly ClaimResult[]> {
  const order = inKeyOrder(requests, paymentKey);
  const sorted = order.map((index) => requests[index]).filter((request) => request !== undefined);
  const rows = await database.call(CLAIM, [
    ...refColumns(sorted),
    plainArray(sorted.map(({ uses }) => uses)),
    plainArray(sorted.map(({ keepUntilMs }) => keepUntilMs)),
    plainArray(sorted.map(({ leaseMs }) => leaseMs)),
    plainArray(sorted.map(({ chainHashesHex }) => quotedList(chainHashesHex))),
    plainArray(sorted.map((request, n) => (leads(request, sorted[n - 1]) ? 't' : 'f'))),
    countersJson(sorted),
    byteaArray(sorted.map(({ idempotency }) => idempotency?.keyHashHex ?? null)),
    byteaArray(sorted.map(({ idempotency }) => idempotency?.requestDigestHex ?? null)),
  ]);
  const results: ClaimResult[] = [];
  for (const row of rows) results[positionOf(row, order)] = claimResult(row);
  return results;
}

/** Captures in one commit. A claim that is named twice is captured once, and its first answer kept. */
export async function captureRows(
  database: ClaimDatabase,
  items: readonly { readonly ref: ClaimRef; readonly answer: AnswerToKeep | null }[],
): Promise<readonly boolean[]> {
  return answerRefs(
    items,
    ({ ref }) => ref,
    (sorted) => {
      const kept = sorted.map(({ answer }) => answer?.answer ?? null);
      return database.call(CAPTURE, [
        ...refColumns(sorted.map(({ ref }) => ref)),
        plainArray(kept.map((answer) => answer?.status ?? null)),
        textArray(kept.map((answer) => (answer === null ? null : JSON.stringify(answer.rawHeaders)))),
        byteaArray(kept.map((answer) => (answer === null ? null : Buffer.from(answer.body).toString('hex')))),
        plainArray(sorted.map(({ answer }) => answer?.keepForMs ?? null)),
      ]);
    },
  );
}

/** Renewals in one commit; a claim that is named twice gets the longest lease asked for by the next renewal at the latest. */
export async function renewRows(
  database: ClaimDatabase,
  items: readonly { readonly ref: ClaimRef; readonly leaseMs: number }[],
): Promise<readonly boolean[]> {
  return answerRefs(
    items,
    ({ ref }) => ref,
    (sorted) =>
      database.call(RENEW, [
        ...refColumns(sorted.map(({ ref }) => ref)),
        plainArray(sorted.map(({ leaseMs }) => leaseMs)),
      ]),
  );
}

/** Releases in one commit. */
export async function releaseRows(database: ClaimDatabase, refs: readonly ClaimRef[]): Promise<readonly boolean[]> {
  return answerRefs(
    refs,
    (ref) => ref,
    (sorted) => database.call(RELEASE, refColumns(sorted)),
  );
}

/** Sends each claim once, in key order; says for every item whether its claim came back. */
async function answerRefs<Item>(
  items: readonly Item[],
  refOf: (item: Item) => ClaimRef,
  send: (sorted: readonly Item[]) => Promise<readonly SqlRow[]>,
): Promise<readonly boolean[]> {
  const keys = items.map((item) => claimKey(refOf(item)));
  const firstByKey = new Map<string, Item>();
  for (const [index, item] of items.entries()) {
    const key = keys[index] ?? '';
    if (!firstByKey.has(key)) firstByKey.set(key, item);
  }
  const sorted = [...firstByKey].sort(([a], [b]) => compare(a, b));
  const rows = await send(sorted.map(([, item]) => item));
  const done = new Set(rows.map(([n]) => sorted[Number(n) - 1]?.[0]));
  return keys.map((key) => done.has(key));
}

/** Positions sorted by key, equal keys in order of arrival: every batch takes its locks in one order, so no two deadlock. */
function inKeyOrder<Item>(items: readonly Item[], keyOf: (item: Item) => string): number[] {
  const keys = items.map(keyOf);
  return [...keys.keys()].sort((a, b) => compare(keys[a] ?? '', keys[b] ?? '') || a - b);
}

/** Whether a claim is the first of its payment in a sorted batch. */
function leads(request: ClaimRequest, previous: ClaimRequest | undefined): boolean {
  return previous === undefined || paymentKey(previous) !== paymentKey(request);
}

function refColumns(refs: readonly ClaimRef[]): string[] {
  return [
    plainArray(refs.map(({ claimId }) => claimId)),
    plainArray(refs.map(({ tenantId }) => tenantId)),
    byteaArray(refs.map(({ paymentHashHex }) => paymentHashHex)),
  ];
}

function quotedList(hexes: readonly string[]): string {
  return `"${hexes.join(',')}"`;
}

/** By position, since few claims have any: `{"3": [[chain hash, take, cap], …]}`. */
function countersJson(requests: readonly ClaimRequest[]): string {
  const byPosition: Record<string, readonly (readonly [string, number, number])[]> = {};
  for (const [n, { counters }] of requests.entries()) {
    if (counters.length === 0) continue;
    byPosition[n + 1] = counters.map(({ chainHashHex, take, cap }) => [chainHashHex, take, cap]);
  }
  return JSON.stringify(byPosition);
}

function positionOf([n]: SqlRow, order: readonly number[]): number {
  const position = order[Number(n) - 1];
  if (position === undefined)
    throw new SatwayError('INTERNAL', { detail: 'The store answered a claim that was not asked.' });
  return position;
}

function claimResult([, outcome, retryAfterMs, status, rawHeaders, body]: SqlRow): ClaimResult {
  switch (outcome) {
    case 'granted':
    case 'consumed':
    case 'quota_exhausted':
    case 'revoked':
    case 'idempotency_conflict':
      return { outcome };
    case 'claim_in_progress':
    case 'resting':
    case 'idempotency_in_progress':
      return { outcome, retryAfterMs: Number(retryAfterMs) };
    case 'replay':
      return { outcome, answer: status === null ? null : keptAnswer(status, rawHeaders, body) };
    default:
      throw new SatwayError('INTERNAL', { detail: 'The store gave an unknown outcome.', fundsMoved: 'no' });
  }
}

function keptAnswer(status: unknown, rawHeaders: unknown, body: unknown): KeptAnswer {
  const headers: unknown = JSON.parse(String(rawHeaders));
  if (!Array.isArray(headers) || !(body instanceof Uint8Array)) {
    throw new SatwayError('INTERNAL', { detail: 'A kept answer cannot be read.', fundsMoved: 'no' });
  }
  return { status: Number(status), rawHeaders: headers.map(String), body };
}

function paymentKey({ tenantId, paymentHashHex }: ClaimRef): string {
  return tenantId + paymentHashHex;
}

function claimKey(ref: ClaimRef): string {
  return paymentKey(ref) + ref.claimId;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
