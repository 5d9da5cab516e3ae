import { describe, expect, it } from 'vitest';
import type { Sent } from '../../src/call/index.js';
import type { PaidCredential } from '../../src/index.js';
import { keepSession, sessionOf } from '../../src/sessions/index.js';
import { temporaryStore } from '../temporary-store.js';

const NOW_MS = 1_795_291_200_000;
const ORIGIN = 'https://api.example';
const credential: PaidCredential = {
  purchaseId: 'purchase-1',
  origin: ORIGIN,
  paymentHashHex: 'ab'.repeat(32),
  macaroonText: 'macaroon',
  preimageHex: 'cd'.repeat(32),
  usesTotal: null,
  expiresAtMs: NOW_MS + 100_000,
};

/** An answer from some origin, with these headers. */
function answerFrom(origin: string, headers: Readonly<Record<string, string>>): Sent {
  const answer = { header: (name: string) => headers[name.toLowerCase()] ?? null };
  const hop = { target: { method: 'GET', url: `${origin}/`, origin }, withBody: false };
  return { answer, hop, redirected: false } as unknown as Sent;
}

function openBooks() {
  const store = temporaryStore();
  let nowMs = NOW_MS;
  const books = { store, clock: { nowMs: () => nowMs } };
  const list = () => store.sessions.list(nowMs);
  return { books, list, wait: (ms: number) => (nowMs += ms) };
}

const TOLD = { 'x-session-token': 'one', 'x-session-expires': '2026-11-21T20:01:00Z', 'x-session-balance': '5' };

describe('the session of a credential', () => {
  it('is kept as its seller told it, until it is over', () => {
    const { books, list, wait } = openBooks();
    keepSession(books, credential, answerFrom(ORIGIN, TOLD));
    const kept = {
      purchaseId: 'purchase-1',
      origin: ORIGIN,
      token: 'one',
      expiresAtMs: NOW_MS + 60_000,
      balance: 5,
      updatedAtMs: NOW_MS,
    };
    expect(sessionOf(books, credential)).toEqual(kept);
    wait(60_000);
    expect(sessionOf(books, credential)).toBeNull();
    expect(list()).toEqual([]);
  });

  it('lives as long as its credential where its seller names no end', () => {
    const { books, list } = openBooks();
    keepSession(books, credential, answerFrom(ORIGIN, { 'x-session-token': 'one' }));
    expect(list()).toMatchObject([{ expiresAtMs: credential.expiresAtMs, balance: null }]);
  });

  it('keeps its token where an answer tells its balance alone', () => {
    const { books } = openBooks();
    keepSession(books, credential, answerFrom(ORIGIN, { 'x-session-balance': '9' }));
    expect(sessionOf(books, credential)).toBeNull();
    keepSession(books, credential, answerFrom(ORIGIN, TOLD));
    keepSession(books, credential, answerFrom(ORIGIN, { 'x-session-balance': '4' }));
    expect(sessionOf(books, credential)).toMatchObject({ token: 'one', balance: 4, expiresAtMs: NOW_MS + 60_000 });
  });

  it('is written only where something has changed', () => {
    const { books, list, wait } = openBooks();
    keepSession(books, credential, answerFrom(ORIGIN, TOLD));
    wait(1000);
    keepSession(books, credential, answerFrom(ORIGIN, TOLD));
    expect(list()).toMatchObject([{ updatedAtMs: NOW_MS }]);
    keepSession(books, credential, answerFrom(ORIGIN, { ...TOLD, 'x-session-token': 'two' }));
    expect(list()).toMatchObject([{ updatedAtMs: NOW_MS + 1000 }]);
  });

  it('is told by no other origin', () => {
    const { books, list } = openBooks();
    for (const origin of ['https://evil.example', 'http://api.example', 'https://api.example:8443']) {
      keepSession(books, credential, answerFrom(origin, TOLD));
    }
    expect(list()).toEqual([]);
  });

  it('is neither kept nor shown for one that counts its calls', () => {
    const { books, list } = openBooks();
    const counted = { ...credential, usesTotal: 3 };
    keepSession(books, counted, answerFrom(ORIGIN, TOLD));
    expect(list()).toEqual([]);
    keepSession(books, credential, answerFrom(ORIGIN, TOLD));
    expect(sessionOf(books, counted)).toBeNull();
  });
});
