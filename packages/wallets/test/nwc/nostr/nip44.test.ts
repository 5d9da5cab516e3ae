import { hexToBytes } from '@satway/protocol';
import { describe, expect, it } from 'vitest';
import { newNostrKey, nostrKeyOf, openConversation } from '../../../src/nwc/nostr/index.js';
import { conversationKeyOf, decryptNip44, encryptNip44, paddedLength } from '../../../src/nwc/nostr/nip44.js';

const bytes = (hex: string): Uint8Array => {
  const read = hexToBytes(hex);
  return Uint8Array.from(read.ok ? read.value : []);
};
const textOf = (key: Uint8Array | null): string => Buffer.from(key ?? []).toString('hex');

/** From the official vectors of NIP-44 version 2 (paulmillr/nip44). */
const CONVERSATION_KEYS = [
  [
    '315e59ff51cb9209768cf7da80791ddcaae56ac9775eb25b6dee1234bc5d2268',
    'c2f9d9948dc8c7c38321e4b85c8558872eafa0641cd269db76848a6073e69133',
    '3dfef0ce2a4d80a25e7a328accf73448ef67096f65f79588e358d9a0eb9013f1',
  ],
  [
    'a1e37752c9fdc1273be53f68c5f74be7c8905728e8de75800b94262f9497c86e',
    '03bb7947065dde12ba991ea045132581d0954f042c84e06d8c00066e23c1a800',
    '4d14f36e81b8452128da64fe6f1eae873baae2f444b02c950b90e43553f2178b',
  ],
  [
    '98a5902fd67518a0c900f0fb62158f278f94a21d6f9d33d30cd3091195500311',
    'aae65c15f98e5e677b5050de82e3aba47a6fe49b3dab7863cf35d9478ba9f7d1',
    '9c00b769d5f54d02bf175b7284a1cbd28b6911b06cda6666b2243561ac96bad7',
  ],
] as const;

const MESSAGES = [
  {
    sec1: '0000000000000000000000000000000000000000000000000000000000000001',
    sec2: '0000000000000000000000000000000000000000000000000000000000000002',
    key: 'c41c775356fd92eadc63ff5a0dc1da211b268cbea22316767095b2871ea1412d',
    nonce: '0000000000000000000000000000000000000000000000000000000000000001',
    plaintext: 'a',
    payload:
      'AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABee0G5VSK0/9YypIObAtDKfYEAjD35uVkHyB0F4DwrcNaCXlCWZKaArsGrY6M9wnuTMxWfp1RTN9Xga8no+kF5Vsb',
  },
  {
    sec1: '0000000000000000000000000000000000000000000000000000000000000002',
    sec2: '0000000000000000000000000000000000000000000000000000000000000001',
    key: 'c41c775356fd92eadc63ff5a0dc1da211b268cbea22316767095b2871ea1412d',
    nonce: 'f00000000000000000000000000000f00000000000000000000000000000000f',
    plaintext: '🍕🫃',
    payload:
      'AvAAAAAAAAAAAAAAAAAAAPAAAAAAAAAAAAAAAAAAAAAPSKSK6is9ngkX2+cSq85Th16oRTISAOfhStnixqZziKMDvB0QQzgFZdjLTPicCJaV8nDITO+QfaQ61+KbWQIOO2Yj',
  },
  {
    sec1: '5c0c523f52a5b6fad39ed2403092df8cebc36318b39383bca6c00808626fab3a',
    sec2: '4b22aa260e4acb7021e32f38a6cdf4b673c6a277755bfce287e370c924dc936d',
    key: '3e2b52a63be47d34fe0a80e34e73d436d6963bc8f39827f327057a9986c20a45',
    nonce: 'b635236c42db20f021bb8d1cdff5ca75dd1a0cc72ea742ad750f33010b24f73b',
    plaintext: '表ポあA鷗ŒéＢ逍Üßªąñ丂㐀𠀀',
    payload:
      'ArY1I2xC2yDwIbuNHN/1ynXdGgzHLqdCrXUPMwELJPc7s7JqlCMJBAIIjfkpHReBPXeoMCyuClwgbT419jUWU1PwaNl4FEQYKCDKVJz+97Mp3K+Q2YGa77B6gpxB/lr1QgoqpDf7wDVrDmOqGoiPjWDqy8KzLueKDcm9BVP8xeTJIxs=',
  },
  {
    sec1: '8f40e50a84a7462e2b8d24c28898ef1f23359fff50d8c509e6fb7ce06e142f9c',
    sec2: 'b9b0a1e9cc20100c5faa3bbe2777303d25950616c4c6a3fa2e3e046f936ec2ba',
    key: 'd5a2f879123145a4b291d767428870f5a8d9e5007193321795b40183d4ab8c2b',
    nonce: 'b20989adc3ddc41cd2c435952c0d59a91315d8c5218d5040573fc3749543acaf',
    plaintext: 'ability🤝的 ȺȾ',
    payload:
      'ArIJia3D3cQc0sQ1lSwNWakTFdjFIY1QQFc/w3SVQ6yvbG2S0x4Yu86QGwPTy7mP3961I1XqB6SFFTzqDZZavhxoWMj7mEVGMQIsh2RLWI5EYQaQDIePSnXPlzf7CIt+voTD',
  },
] as const;

const LENGTHS = [
  [16, 32],
  [32, 32],
  [33, 64],
  [37, 64],
  [45, 64],
  [49, 64],
  [64, 64],
  [65, 96],
  [100, 128],
  [111, 128],
  [200, 224],
  [250, 256],
  [320, 320],
  [383, 384],
  [384, 384],
  [400, 448],
  [500, 512],
  [512, 512],
  [515, 640],
  [700, 768],
  [800, 896],
  [900, 1024],
  [1020, 1024],
  [65536, 65536],
] as const;

const REFUSED = [
  [
    'an unknown version',
    'ca2527a037347b91bea0c8a30fc8d9600ffd81ec00038671e3a0f0cb0fc9f642',
    '#Atqupco0WyaOW2IGDKcshwxI9xO8HgD/P8Ddt46CbxDbrhdG8VmJdU0MIDf06CUvEvdnr1cp1fiMtlM/GrE92xAc1K5odTpCzUB+mjXgbaqtntBUbTToSUoT0ovrlPwzGjyp',
  ],
  [
    'version 0',
    '36f04e558af246352dcf73b692fbd3646a2207bd8abd4b1cd26b234db84d9481',
    'AK1AjUvoYW3IS7C/BGRUoqEC7ayTfDUgnEPNeWTF/reBZFaha6EAIRueE9D1B1RuoiuFScC0Q94yjIuxZD3JStQtE8JMNacWFs9rlYP+ZydtHhRucp+lxfdvFlaGV/sQlqZz',
  ],
  [
    'a letter that is not of base64',
    'ca2527a037347b91bea0c8a30fc8d9600ffd81ec00038671e3a0f0cb0fc9f642',
    'Atфupco0WyaOW2IGDKcshwxI9xO8HgD/P8Ddt46CbxDbrhdG8VmJZE0UICD06CUvEvdnr1cp1fiMtlM/GrE92xAc1EwsVCQEgWEu2gsHUVf4JAa3TpgkmFc3TWsax0v6n/Wq',
  ],
  [
    'a seal of zeros',
    'cff7bd6a3e29a450fd27f6c125d5edeb0987c475fd1e8d97591e0d4d8a89763c',
    'Agn/l3ULCEAS4V7LhGFM6IGA17jsDUaFCKhrbXDANholyySBfeh+EN8wNB9gaLlg4j6wdBYh+3oK+mnxWu3NKRbSvQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  ],
  [
    'a wrong seal',
    'cfcc9cf682dfb00b11357f65bdc45e29156b69db424d20b3596919074f5bf957',
    'AmWxSwuUmqp9UsQX63U7OQ6K1thLI69L7G2b+j4DoIr0oRWQ8avl4OLqWZiTJ10vIgKrNqjoaX+fNhE9RqmR5g0f6BtUg1ijFMz71MO1D4lQLQfW7+UHva8PGYgQ1QpHlKgR',
  ],
  [
    'padding that is too long',
    '5254827d29177622d40a7b67cad014fe7137700c3c523903ebbe3e1b74d40214',
    'Anq2XbuLvCuONcr7V0UxTh8FAyWoZNEdBHXvdbNmDZHB573MI7R7rrTYftpqmvUpahmBC2sngmI14/L0HjOZ7lWGJlzdh6luiOnGPc46cGxf08MRC4CIuxx3i2Lm0KqgJ7vA',
  ],
  [
    'padding that is too short',
    'fea39aca9aa8340c3a78ae1f0902aa7e726946e4efcd7783379df8096029c496',
    'An1Cg+O1TIhdav7ogfSOYvCj9dep4ctxzKtZSniCw5MwRrrPJFyAQYZh5VpjC2QYzny5LIQ9v9lhqmZR4WBYRNJ0ognHVNMwiFV1SHpvUFT8HHZN/m/QarflbvDHAtO6pY16',
  ],
] as const;

describe('NIP-44', () => {
  it.each(CONVERSATION_KEYS)(
    'derives the key of a conversation, as in the official vectors: %s',
    (secret, pubkey, key) => {
      expect(textOf(conversationKeyOf(bytes(secret), pubkey))).toBe(key);
    },
  );

  it.each(MESSAGES)('seals and opens $plaintext byte for byte as in the official vectors', (vector) => {
    const other = nostrKeyOf(vector.sec2);
    expect(textOf(conversationKeyOf(bytes(vector.sec1), other?.pubkeyHex ?? ''))).toBe(vector.key);
    expect(encryptNip44(vector.plaintext, bytes(vector.key), bytes(vector.nonce))).toBe(vector.payload);
    expect(decryptNip44(vector.payload, bytes(vector.key))).toBe(vector.plaintext);
  });

  it.each(LENGTHS)('pads %i bytes to %i', (length, padded) => {
    expect(paddedLength(length)).toBe(padded);
  });

  it.each(REFUSED)('refuses %s, as the official vectors do', (_what, key, payload) => {
    expect(decryptNip44(payload, bytes(key))).toBeNull();
  });

  it('refuses a message with any one bit changed', () => {
    const key = bytes(MESSAGES[0].key);
    const payload = Buffer.from(MESSAGES[0].payload, 'base64');
    for (let index = 0; index < payload.length; index += 1) {
      const changed = Buffer.from(payload);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(decryptNip44(changed.toString('base64'), key)).toBeNull();
    }
  });

  it('refuses an empty text and one of more than 65,535 bytes', () => {
    const key = bytes(MESSAGES[0].key);
    expect(encryptNip44('', key)).toBeNull();
    expect(encryptNip44('x'.repeat(65_536), key)).toBeNull();
    expect(decryptNip44(encryptNip44('x'.repeat(65_535), key) ?? '', key)).toHaveLength(65_535);
  });

  it.each([
    ['higher than the order', 'f'.repeat(64), '1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef'],
    ['zero', '0'.repeat(64), '1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef'],
    [
      'the order itself',
      'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141',
      '1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef',
    ],
    [
      'good, with a public key that is no point',
      '0'.repeat(63).concat('2'),
      '1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef',
    ],
    ['good, with a public key out of range', '0'.repeat(63).concat('2'), 'f'.repeat(64)],
  ])('has no conversation where the secret is %s', (_what, secret, pubkey) => {
    expect(conversationKeyOf(bytes(secret), pubkey)).toBeNull();
  });
});

describe('NIP-04', () => {
  const ours = nostrKeyOf('91ba716fa9e7ea2fcbad360cf4f8e0d312f73984da63d90f524ad61a6a1e7dbe');
  const theirs = nostrKeyOf('96f6fa197aa07477ab88f6981118466ae3a982faab8ad5db9d5426870c73d220');

  it('opens what another implementation sealed', () => {
    const conversation = ours === null || theirs === null ? null : openConversation(ours, theirs.pubkeyHex);
    expect(conversation?.open('zJxfaJ32rN5Dg1ODjOlEew==?iv=EV5bUjcc4OX2Km/zPp4ndQ==', 'nip04')).toBe('nanana');
  });

  it.each(['nip04', 'nip44_v2'] as const)('and NIP-44 do not open what the other sealed (%s)', (encryption) => {
    const [one, two] = [newNostrKey(), newNostrKey()];
    const sealed = openConversation(one, two.pubkeyHex)?.seal('a text', encryption) ?? '';
    const reader = openConversation(two, one.pubkeyHex);
    expect(reader?.open(sealed, encryption)).toBe('a text');
    expect(reader?.open(sealed, encryption === 'nip04' ? 'nip44_v2' : 'nip04')).toBeNull();
    const stranger = openConversation(newNostrKey(), one.pubkeyHex);
    expect(stranger?.open(sealed, encryption)).not.toBe('a text');
  });

  it.each([
    '',
    'zJxfaJ32rN5Dg1ODjOlEew==',
    'zJxfaJ32rN5Dg1ODjOlEew==?iv=',
    'zJxfaJ32rN5Dg1ODjOlEew==?iv=AAAA',
    '?iv=EV5bUjcc4OX2Km/zPp4ndQ==',
  ])('refuses %j', (payload) => {
    const conversation = ours === null || theirs === null ? null : openConversation(ours, theirs.pubkeyHex);
    expect(conversation?.open(payload, 'nip04')).toBeNull();
  });
});
