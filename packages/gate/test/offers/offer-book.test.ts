import { createKeyRing } from '@satway/protocol';
import { describe, expect, it } from 'vitest';
import type { Offer } from '../../src/offers/index.js';
import { OfferBook } from '../../src/offers/offer-book.js';

const keyRing = createKeyRing([{ secret: new Uint8Array(32).fill(7), createdAtMs: 0, verifyUntilMs: null }]);

function offer(name: string): Offer {
  return {
    key: name,
    macaroonText: '',
    invoice: '',
    paymentHashHex: `hash of ${name}`,
    priceMsat: 1,
    uses: 1,
    askedAtMs: 0,
    invoiceExpiresAtMs: 600_000,
    tokenId: new Uint8Array(32),
    keyRing,
    isWithoutSecret: false,
  };
}

describe('the book of open offers', () => {
  it('is bounded: what was not asked for longest is forgotten first', () => {
    const book = new OfferBook(3);
    for (const name of ['a', 'b', 'c']) book.keep(offer(name));
    expect(book.find('a', 1)?.key).toBe('a');
    book.keep(offer('d'));
    expect(book.size).toBe(3);
    expect(['a', 'b', 'c', 'd'].filter((name) => book.find(name, 1) !== null)).toEqual(['a', 'c', 'd']);
    expect(book.holds(offer('b'))).toBe(false);
  });

  it('forgets by payment hash, and only that one', () => {
    const book = new OfferBook(3);
    book.keep(offer('a'));
    book.keep(offer('b'));
    book.forget('hash of a');
    book.forget('a hash that nobody offered');
    expect(book.find('a', 1)).toBeNull();
    expect(book.find('b', 1)?.key).toBe('b');
  });

  it('still knows the hash of an offer that it forgot', () => {
    const book = new OfferBook(3);
    book.keep(offer('a'));
    book.forget('hash of a');
    expect(book.hasSeen('hash of a')).toBe(true);
    expect(book.hasSeen('hash of b')).toBe(false);
  });

  it('keeps the newer of two offers under one key, whichever hash is forgotten', () => {
    const book = new OfferBook(3);
    book.keep(offer('a'));
    book.keep({ ...offer('a'), paymentHashHex: 'newer' });
    book.forget('hash of a');
    expect(book.find('a', 1)?.paymentHashHex).toBe('newer');
    book.forget('newer');
    expect(book.find('a', 1)).toBeNull();
  });
});
