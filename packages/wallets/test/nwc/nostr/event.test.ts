import { describe, expect, it } from 'vitest';
import { isGenuine, type NostrEvent, parseEvent, signEvent, tagOf } from '../../../src/nwc/nostr/event.js';
import { newNostrKey } from '../../../src/nwc/nostr/index.js';

/** Signed by another implementation (nostr-tools, within @getalby/sdk 7). */
const EXAMPLE: NostrEvent = {
  id: 'f3ff5ce155e33750d2cc97310de58ee95e277dede625f8a433dcb7d6ddf38dc7',
  pubkey: '3ba6db4896124383fdaa5f7d42c25f9df1b128a280928baeb3f3fa36d25506f9',
  created_at: 1713883677,
  kind: 13194,
  tags: [['notifications', 'payment_received payment_sent']],
  content: 'pay_invoice get_balance "quoted"\nnotifications 🍕',
  sig: 'c7b1121531e5e4d7408e81cf65350ffdc0a3c7eba5ebafb134dc4e152b3497f73080622d962bbcbd9cfc2be7524aa140458b118e202b46727d0ab21eb2594063',
};

describe('an event', () => {
  it('of another implementation is genuine', () => {
    expect(isGenuine(EXAMPLE)).toBe(true);
  });

  it.each([
    { created_at: 1713883678 },
    { kind: 23195 },
    { tags: [] },
    { content: '' },
    { pubkey: EXAMPLE.id },
    { pubkey: 'f'.repeat(64) },
    { id: EXAMPLE.pubkey },
    { sig: '0'.repeat(128) },
    { sig: `${EXAMPLE.sig.slice(0, -2)}00` },
  ])('with %j in it is not', (change) => {
    expect(isGenuine({ ...EXAMPLE, ...change })).toBe(false);
  });

  it('that we sign is genuine, whatever letters are in it', () => {
    const key = newNostrKey();
    const content = 'line\nbreak "quote" \\ back \u{1F355}';
    const event = signEvent({ kind: 1, createdAtSeconds: 1, tags: [['e', 'x']], content }, key);
    expect(isGenuine(event)).toBe(true);
    expect(event).toMatchObject({ pubkey: key.pubkeyHex, content, created_at: 1 });
    expect(JSON.stringify(event)).not.toContain(key.secretHex);
  });

  it.each([
    null,
    'text',
    [],
    {},
    { ...EXAMPLE, id: EXAMPLE.id.toUpperCase() },
    { ...EXAMPLE, pubkey: 12 },
    { ...EXAMPLE, created_at: -1 },
    { ...EXAMPLE, created_at: '1713883677' },
    { ...EXAMPLE, kind: 1.5 },
    { ...EXAMPLE, tags: [['e', 1]] },
    { ...EXAMPLE, tags: 'e' },
    { ...EXAMPLE, content: null },
    { ...EXAMPLE, sig: 'ff' },
  ])('is not read from %j', (value) => {
    expect(parseEvent(value)).toBeNull();
  });

  it('is read with nothing added, and its tags are found by name', () => {
    expect(parseEvent({ ...EXAMPLE, extra: 'x' })).toEqual(EXAMPLE);
    expect(tagOf(EXAMPLE, 'notifications')).toEqual(['payment_received payment_sent']);
    expect(tagOf(EXAMPLE, 'encryption')).toBeNull();
  });
});
