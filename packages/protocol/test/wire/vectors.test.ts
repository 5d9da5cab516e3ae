import {
  attenuate,
  createKeyRing,
  decodeMacaroon,
  decodeMacaroonText,
  deriveRootKey,
  encodeIdentifier,
  encodeMacaroon,
  encodeMacaroonText,
  encodeSessionToken,
  formatAuthorization,
  masterKeyIdHex,
  mintedCaveats,
  mintMacaroon,
  signatureChain,
  verifyCredential,
  verifySessionToken,
} from '@satway/protocol';
import { describe, expect, it } from 'vitest';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

const PREIMAGE = '404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f';
const PAYMENT_HASH = 'ca2a4fe727faaecf16ecd130a86e0885c5540c05375340445071c0657555fd42';

describe('a macaroon as Go writes it', () => {
  const rootKey = bytes('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
  const identifier = encodeIdentifier({
    paymentHashHex: PAYMENT_HASH,
    tokenId: bytes('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
  });

  it('has the signature of each step, and not that of the published formula', () => {
    const macaroon = mintMacaroon({
      rootKey,
      location: 'lsat',
      identifier,
      caveats: [
        'services=svc:0',
        'svc_capabilities=',
        'svc_valid_until=1893456000',
        'preimage=404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f',
      ],
    });
    const chain = signatureChain(rootKey, macaroon).map(hex);
    expect(chain).toEqual([
      '5287bde49f98cdcd56b1f68377b31cd14a4f2b695b1624edaef0d273240cf28c',
      '189ac5529a91b82854a1c304c61689aa5edc56dc98c8233e25aa9d84dfeb9826',
      'd8a4e7f323c61286435252315afd07dba1812f84b81ad327660385c24f886f50',
      '0cc05bbdc3610c0cb91e6007814854ee9de503fabb20860931789db9d937cd6b',
      'dc9c52ce53fca8f1ee2104c80bb169ecbbeb21bf693de08f31b8bf485dd0ecba',
    ]);
    expect(chain[0]).not.toBe('526b23c7684f749d8efc3839e0b6e2b908c30139290dc75039de0aab45a7af6d');
  });

  it('is written byte for byte', () => {
    const bare = mintMacaroon({ rootKey, location: 'lsat', identifier, caveats: [] });
    expect(hex(encodeMacaroon(bare))).toBe(
      '0201046c73617402420000ca2a4fe727faaecf16ecd130a86e0885c5540c05375340445071c0657555fd42808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f000006205287bde49f98cdcd56b1f68377b31cd14a4f2b695b1624edaef0d273240cf28c',
    );
    const three = attenuate(bare, ['services=svc:0', 'svc_capabilities=', 'svc_valid_until=1893456000']);
    expect(encodeMacaroonText(three)).toBe(
      'AgEEbHNhdAJCAADKKk/nJ/quzxbs0TCobgiFxVQMBTdTQERQccBldVX9QoCBgoOEhYaHiImKi4yNjo+QkZKTlJWWl5iZmpucnZ6fAAIOc2VydmljZXM9c3ZjOjAAAhFzdmNfY2FwYWJpbGl0aWVzPQACGnN2Y192YWxpZF91bnRpbD0xODkzNDU2MDAwAAAGIAzAW73DYQwMuR5gB4FIVO6d5QP6uyCGCTF4nbnZN81r',
    );
  });

  it('is read without a location too', () => {
    const other = decodeMacaroon(
      bytes(
        '020207746573742d696400020d6163636f756e743d3132333435000006200e52f6d8905dc3a285d8b0db6064f9ce578f76f54fc57d8e2ff627073f916ff2',
      ),
    );
    expect(other).toMatchObject({ ok: true, value: { location: '' } });
    if (!other.ok) return;
    expect(Buffer.from(other.value.identifier).toString()).toBe('test-id');
    expect(other.value.caveats.map((caveat) => Buffer.from(caveat).toString())).toEqual(['account=12345']);
  });
});

describe('a credential of Satway', () => {
  const master = bytes('202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f');
  const tenantId = '6f1c2d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d';
  const tokenId = bytes('ef58775f808182838485868788898a8b8c8d8e8f909192939495969798999a9b');
  const keyRing = createKeyRing([{ secret: master, createdAtMs: 0, verifyUntilMs: null }]);
  const rootText =
    'AgEGc2F0d2F5AkIAAMoqT+cn+q7PFuzRMKhuCIXFVAwFN1NARFBxwGV1Vf1C71h3X4CBgoOEhYaHiImKi4yNjo+QkZKTlJWWl5iZmpsAAhhzZXJ2aWNlcz1hY21lL2ZvcmVjYXN0OjAAAi50ZW5hbnRfaWQ9NmYxYzJkMzQtNWU2Zi00YTdiLThjOWQtMGUxZjJhM2I0YzVkAAIUZW5kcG9pbnRfaWQ9Zm9yZWNhc3QAAhFtb2RlbD1wZXJfcmVxdWVzdAACD3ByaWNlX21zYXQ9NTAwMAACBnVzZXM9MQACF21pbnRlZF9hdD0xNzk1MjYwMDAwMDAwAAIYZXhwaXJlc19hdD0xNzk1MjYzNjAwMDAwAAAGIMWfbKj6EV7wK5CxPBXqejyZktZ0ri/2eBFhyix148Fb';
  const childText =
    'AgEGc2F0d2F5AkIAAMoqT+cn+q7PFuzRMKhuCIXFVAwFN1NARFBxwGV1Vf1C71h3X4CBgoOEhYaHiImKi4yNjo+QkZKTlJWWl5iZmpsAAhhzZXJ2aWNlcz1hY21lL2ZvcmVjYXN0OjAAAi50ZW5hbnRfaWQ9NmYxYzJkMzQtNWU2Zi00YTdiLThjOWQtMGUxZjJhM2I0YzVkAAIUZW5kcG9pbnRfaWQ9Zm9yZWNhc3QAAhFtb2RlbD1wZXJfcmVxdWVzdAACD3ByaWNlX21zYXQ9NTAwMAACBnVzZXM9MQACF21pbnRlZF9hdD0xNzk1MjYwMDAwMDAwAAIYZXhwaXJlc19hdD0xNzk1MjYzNjAwMDAwAAImZ3JhbnQ9MDAwMTAyMDMwNDA1MDYwNzA4MDkwYTBiMGMwZDBlMGYAAhZwYXRoX3ByZWZpeD0vdjEvc2VhcmNoAAIIbl91c2VzPTMAAiZncmFudD0xMDExMTIxMzE0MTUxNjE3MTgxOTFhMWIxYzFkMWUxZgACCG5fdXNlcz0yAAILbWF4X3NhdHM9NDAAAAYgQq4bFKEzaGtZRNhEhLCpNOfqpIVHzPDKWdE1HAte5pc=';
  const nowMs = 1_795_260_000_001;

  it('derives key id, root key and session key', () => {
    expect(masterKeyIdHex(master)).toBe('ef58775f');
    expect(hex(deriveRootKey({ master, kind: 'l402', tenantId, salt: tokenId }))).toBe(
      '94302eae8b6db968c7605f62eb4f4d192e9e62a7991a5f81680f1ebe2a6ff121',
    );
    expect(hex(deriveRootKey({ master, kind: 'session', tenantId, salt: new Uint8Array(32) }))).toBe(
      '45894180d4aeb1a4faa03e00b4cc4370a26a09943e1e4363672b5eff80352191',
    );
  });

  it('is minted to the byte', () => {
    const caveats = mintedCaveats({
      tenantSlug: 'acme',
      tenantId,
      endpointId: 'forecast',
      model: 'per_request',
      priceMsat: 5000,
      uses: 1,
      mintedAtMs: 1_795_260_000_000,
      expiresAtMs: 1_795_263_600_000,
    });
    const rootKey = keyRing.rootKey({ kind: 'l402', tenantId, tokenId }, nowMs) ?? new Uint8Array(0);
    const identifier = encodeIdentifier({ paymentHashHex: PAYMENT_HASH, tokenId });
    expect(encodeMacaroonText(mintMacaroon({ rootKey, location: 'satway', identifier, caveats }))).toBe(rootText);
  });

  it('is narrowed to the byte, and its branches are counted under the keys of their chain values', () => {
    const root = decodeMacaroonText(rootText);
    if (!root.ok) throw new Error(root.detail);
    const child = attenuate(root.value.macaroon, [
      'grant=000102030405060708090a0b0c0d0e0f',
      'path_prefix=/v1/search',
      'n_uses=3',
      'grant=101112131415161718191a1b1c1d1e1f',
      'n_uses=2',
      'max_sats=40',
    ]);
    expect(encodeMacaroonText(child)).toBe(childText);
    const verified = verifyCredential({ macaroon: child, preimageHex: PREIMAGE, keyRing, tenantId, nowMs });
    if (!verified.ok) throw new Error(verified.reason);
    expect(verified.credential.paymentHashHex).toBe(PAYMENT_HASH);
    expect(verified.credential.counters).toEqual([
      {
        caveatIndex: 10,
        kind: 'n_uses',
        cap: 3,
        chainHashHex: 'f26ecc12364487249ef2c2fe3f178eb8ab6a64ad326cde80064d0f683fae29f0',
      },
      {
        caveatIndex: 12,
        kind: 'n_uses',
        cap: 2,
        chainHashHex: 'bbd12e10a4b5493a51387c6b2d10813c04b9ce1e1bf097b4ee0afb50e855b6ba',
      },
      {
        caveatIndex: 13,
        kind: 'max_sats',
        cap: 40,
        chainHashHex: '4409ed35b27456ec3434dffb6d4764bf579aecd9375fc7af7a5d7c6fb46b8d80',
      },
    ]);
    expect(verified.credential.finalChainHashHex).toBe(
      '4409ed35b27456ec3434dffb6d4764bf579aecd9375fc7af7a5d7c6fb46b8d80',
    );
  });

  it('is presented in one header', () => {
    expect(formatAuthorization(childText, PREIMAGE)).toBe(`L402 ${childText}:${PREIMAGE}`);
  });

  it('comes with a session token', () => {
    const token =
      'eyJraWQiOiJlZjU4Nzc1ZiIsInNpZCI6IjVkMWYwYzJiLTNhNDktNDg1Ny05NjY1LTc0ODM5MmExYjBjZiIsInRlbmFudCI6IjZmMWMyZDM0LTVlNmYtNGE3Yi04YzlkLTBlMWYyYTNiNGM1ZCIsImVuZHBvaW50IjoiZm9yZWNhc3QiLCJleHAiOjE3OTUyNjM2MDAwMDB9.e19108025385b2475df07e658b8cd30aac22bde7009e82ea109f28c19c35bd0a';
    const claims = {
      kid: 'ef58775f',
      sid: '5d1f0c2b-3a49-4857-9665-748392a1b0cf',
      tenant: tenantId,
      endpoint: 'forecast',
      exp: 1_795_263_600_000,
    };
    const key = deriveRootKey({ master, kind: 'session', tenantId, salt: new Uint8Array(32) });
    expect(encodeSessionToken(claims, key)).toBe(token);
    expect(verifySessionToken(token, keyRing, nowMs)).toEqual({ ok: true, value: claims });
    expect(verifySessionToken(token, keyRing, claims.exp)).toMatchObject({ ok: false });
  });
});
