import { isSatwayError } from '@satway/base';
import { createNwcIssuer } from '@satway/wallets/nwc';
import { describe, expect, it } from 'vitest';
import { formatConnectionUri, parseConnectionUri } from '../../src/nwc/connection-uri.js';

const PUBKEY = 'b889ff5b1513b641e2a139f661a661364979c5beee91842f8f0ef42ab558e9d4';
const SECRET = '71a8c14c1407c113601079c4302dab36460f0ccd0ad506f1f2dc73b5100e4f3c';
/** The example of NIP-47. */
const EXAMPLE = `nostr+walletconnect://${PUBKEY}?relay=wss%3A%2F%2Frelay.damus.io&secret=${SECRET}`;

describe('a connection URI', () => {
  it('is read as NIP-47 writes it', () => {
    expect(parseConnectionUri(EXAMPLE)).toMatchObject({
      walletPubkeyHex: PUBKEY,
      relayUrls: ['wss://relay.damus.io'],
      lud16: null,
    });
  });

  it.each([
    `nostrwalletconnect://${PUBKEY}?relay=wss://relay.damus.io&secret=${SECRET}`,
    `nostr+walletconnect:${PUBKEY}?relay=wss://relay.damus.io&secret=${SECRET}`,
    `  ${EXAMPLE}\n`,
    EXAMPLE.replace('nostr+walletconnect', 'Nostr+WalletConnect'),
    EXAMPLE.replace(PUBKEY, PUBKEY.toUpperCase()).replace(SECRET, SECRET.toUpperCase()),
  ])('is read in older and careless forms: %s', (uri) => {
    const { walletPubkeyHex, relayUrls, key } = parseConnectionUri(uri);
    expect({ walletPubkeyHex, relayUrls, ours: key.pubkeyHex }).toEqual({
      walletPubkeyHex: PUBKEY,
      relayUrls: ['wss://relay.damus.io'],
      ours: parseConnectionUri(EXAMPLE).key.pubkeyHex,
    });
  });

  it('keeps several relays in their order, each once, and the lightning address', () => {
    const uri = `${EXAMPLE}&relay=wss%3A%2F%2Fnos.lol%2Fpath&relay=wss://relay.damus.io&lud16=me%40example.com`;
    expect(parseConnectionUri(uri)).toMatchObject({
      relayUrls: ['wss://relay.damus.io', 'wss://nos.lol/path'],
      lud16: 'me@example.com',
    });
  });

  it('keeps the spelling of a relay, and knows two spellings of one', () => {
    const relays = 'relay=wss://relay.damus.io/&relay=WSS://Relay.Damus.IO';
    const uri = EXAMPLE.replace('relay=wss%3A%2F%2Frelay.damus.io', relays);
    expect(parseConnectionUri(uri).relayUrls).toEqual(['wss://relay.damus.io/']);
  });

  it.each([
    ['', 'no URI'],
    ['https://relay.damus.io', 'another scheme'],
    [EXAMPLE.replace(PUBKEY, PUBKEY.slice(1)), 'a short public key'],
    [EXAMPLE.replace(PUBKEY, 'f'.repeat(64)), 'a public key off the curve'],
    [EXAMPLE.replace(`&secret=${SECRET}`, ''), 'no secret'],
    [EXAMPLE.replace(SECRET, '0'.repeat(64)), 'a secret of zero'],
    [EXAMPLE.replace(SECRET, SECRET.slice(2)), 'a short secret'],
    [EXAMPLE.replace('relay=wss%3A%2F%2Frelay.damus.io&', ''), 'no relay'],
    [EXAMPLE.replace('wss%3A', 'https%3A'), 'a relay that is none'],
    [EXAMPLE.replace('relay.damus', 'user:pass@relay.damus'), 'a relay with a password'],
    [EXAMPLE + Array.from({ length: 8 }, (_, index) => `&relay=wss://r${index}.example`).join(''), 'nine relays'],
    [EXAMPLE + '&x=y'.repeat(2000), 'endless parameters'],
  ])('is refused without a word of it, when there is %2$s', (uri, what) => {
    const error = refusalOf(uri);
    expect(isSatwayError(error, 'WALLET_NOT_CONFIGURED'), what).toBe(true);
    expect(String(error)).not.toContain(SECRET.slice(2));
    expect(JSON.stringify(error)).not.toContain(PUBKEY.slice(1));
  });

  it('that cannot be read opens no wallet', () => {
    expect(() => createNwcIssuer({ uri: EXAMPLE.replace(SECRET, '') })).toThrow('connection URI');
  });

  it('is written so that it reads back the same', () => {
    const parts = {
      walletPubkeyHex: PUBKEY,
      secretHex: SECRET,
      relayUrls: ['wss://a.example', 'wss://b.example/x?y=z'],
    };
    const { walletPubkeyHex, relayUrls, lud16 } = parseConnectionUri(
      formatConnectionUri({ ...parts, lud16: 'a@b.example' }),
    );
    expect({ walletPubkeyHex, relayUrls, lud16 }).toEqual({
      walletPubkeyHex: PUBKEY,
      relayUrls: parts.relayUrls,
      lud16: 'a@b.example',
    });
  });
});

function refusalOf(uri: string): unknown {
  try {
    return parseConnectionUri(uri);
  } catch (error) {
    return error;
  }
}
