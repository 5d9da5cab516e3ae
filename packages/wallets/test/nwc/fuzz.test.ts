import { isDeepStrictEqual } from 'node:util';
import { isSatwayError } from '@satway/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseConnectionUri } from '../../src/nwc/connection-uri.js';
import { isGenuine, parseEvent } from '../../src/nwc/nostr/event.js';
import { newNostrKey, openConversation, signEvent } from '../../src/nwc/nostr/index.js';
import { parseRelayMessage } from '../../src/nwc/nostr/relay-message.js';
import { readReply } from '../../src/nwc/reply.js';
import { readTransaction } from '../../src/nwc/transaction.js';
import { readWalletInfo } from '../../src/nwc/wallet-info.js';

const PUBKEY = 'b889ff5b1513b641e2a139f661a661364979c5beee91842f8f0ef42ab558e9d4';
const SECRET = '71a8c14c1407c113601079c4302dab36460f0ccd0ad506f1f2dc73b5100e4f3c';
const wallet = newNostrKey();
const client = newNostrKey();
const conversation = openConversation(client, wallet.pubkeyHex);

/** Texts that look like what is wanted, with anything at one place. */
const near = (good: string) =>
  fc
    .tuple(fc.nat(good.length), fc.nat(20), fc.string({ unit: 'binary' }))
    .map(([at, cut, put]) => good.slice(0, at) + put + good.slice(at + cut));

const JSON_VALUE = fc.jsonValue({ maxDepth: 3 });

it('a connection URI of any text is read, or refused by name', () => {
  const good = `nostr+walletconnect://${PUBKEY}?relay=wss%3A%2F%2Frelay.example&secret=${SECRET}&lud16=a@b.c`;
  fc.assert(
    fc.property(fc.oneof(near(good), fc.string({ unit: 'binary' })), (text) => {
      try {
        expect(parseConnectionUri(text).relayUrls.length).toBeGreaterThan(0);
      } catch (error) {
        expect(isSatwayError(error, 'WALLET_NOT_CONFIGURED')).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

it('a relay’s message of any text is read or dropped', () => {
  const event = signEvent({ kind: 23_195, createdAtSeconds: 1, tags: [['e', 'x']], content: 'y' }, wallet);
  const good = JSON.stringify(['EVENT', 'sub', event]);
  const anything = fc.tuple(
    fc.constantFrom('EVENT', 'OK', 'EOSE', 'CLOSED', 'NOTICE', 'AUTH'),
    JSON_VALUE,
    JSON_VALUE,
    JSON_VALUE,
  );
  fc.assert(
    fc.property(
      fc.oneof(
        near(good),
        anything.map((parts) => JSON.stringify(parts)),
        fc.string(),
      ),
      (text) => {
        const message = parseRelayMessage(text);
        if (message?.type === 'event') expect(parseEvent(message.event)).toEqual(message.event);
      },
    ),
    { numRuns: 500 },
  );
});

it('an event of any fields is shaped or none, and one that was changed is not genuine', () => {
  const event = signEvent({ kind: 23_195, createdAtSeconds: 1, tags: [['e', 'x']], content: 'y' }, wallet);
  const fields = fc.record(
    { [`kind`]: JSON_VALUE, tags: JSON_VALUE, content: JSON_VALUE, created_at: JSON_VALUE },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fields, (changes) => {
      const read = parseEvent({ ...event, ...changes });
      if (read !== null) expect(isGenuine(read)).toBe(isDeepStrictEqual(read, event));
    }),
    { numRuns: 200 },
  );
});

it('a payload of any text opens to nothing, in both ways', () => {
  const sealed = (encryption: 'nip04' | 'nip44_v2') => conversation?.seal('{"a":1}', encryption) ?? '';
  fc.assert(
    fc.property(fc.oneof(near(sealed('nip44_v2')), fc.base64String({ minLength: 132 }), fc.string()), (text) => {
      const opened = conversation?.open(text, 'nip44_v2');
      expect(opened === null || opened === '{"a":1}').toBe(true);
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.oneof(near(sealed('nip04')), fc.string()), (text) => {
      const opened = conversation?.open(text, 'nip04');
      expect(opened === null || typeof opened === 'string').toBe(true);
    }),
    { numRuns: 300 },
  );
});

it('a reply of any text is a result, an error, or none', () => {
  const good = JSON.stringify({ result_type: 'pay_invoice', error: null, result: { preimage: '00', fees_paid: 1 } });
  const fields = fc.record({ result_type: fc.constantFrom('pay_invoice', 'x'), error: JSON_VALUE, result: JSON_VALUE });
  fc.assert(
    fc.property(
      fc.oneof(
        near(good),
        fields.map((json) => JSON.stringify(json)),
        fc.string(),
      ),
      (text) => {
        const reply = readReply(text, 'pay_invoice');
        if (reply !== null && !reply.ok) expect(typeof reply.code).toBe('string');
      },
    ),
    { numRuns: 500 },
  );
});

it('a transaction of any fields has a hash and a state that is known, or is none', () => {
  const names = [
    'payment_hash',
    'state',
    'type',
    'amount',
    'fees_paid',
    'settled_at',
    'expires_at',
    'preimage',
    'invoice',
  ];
  const fields = fc.record(Object.fromEntries(names.map((name) => [name, JSON_VALUE])), { requiredKeys: [] });
  fc.assert(
    fc.property(fields, fc.boolean(), (json, hasHash) => {
      const read = readTransaction(hasHash ? { ...json, payment_hash: PUBKEY } : json);
      if (read === null) return;
      expect(read.paymentHashHex).toMatch(/^[0-9a-f]{64}$/);
      expect([null, 'pending', 'settled', 'failed', 'expired', 'accepted']).toContain(read.state);
      expect(read.preimageHex).toBeNull();
    }),
    { numRuns: 300 },
  );
});

it('an info event of any content names methods and at most one encryption', () => {
  const tags = fc.array(fc.array(fc.string(), { minLength: 1 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.string(), tags, (content, some) => {
      const event = signEvent({ kind: 13_194, createdAtSeconds: 1, tags: some, content }, wallet);
      const { methods, encryption } = readWalletInfo(event);
      expect(methods.every((method) => method !== '')).toBe(true);
      expect([null, 'nip04', 'nip44_v2']).toContain(encryption);
    }),
    { numRuns: 50 },
  );
});
