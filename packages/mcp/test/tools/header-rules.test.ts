import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusedHeader, readHeaders } from '../../src/tools/header-rules.js';

const REFUSED = [
  'Host',
  'Transfer-Encoding',
  'Connection',
  'Upgrade',
  'Proxy-Authorization',
  'TE',
  'Trailer',
  'Keep-Alive',
  'Content-Length',
  'Authorization',
  'Expect',
  'Proxy-Connection',
  'WWW-Authenticate',
  'Nostr-Authorization',
  'X-Payment',
  'X-PAYMENT-RESPONSE',
  'X-Payment-Hash',
  'Payment',
  'Payment-Receipt',
  'Payment-Signature',
  'X-Cashu',
  'X-Session-Token',
  'X-Session-Balance',
  'X-Session-Id',
  'Session',
  'Ecash',
  'X-Ecash',
  'X402',
  'X402-Payment',
  'X-402-Payment',
  'L402',
  'X-L402-Token',
  'LSAT',
  'Macaroon',
  'Grpc-Metadata-Macaroon',
  'Preimage',
  'Accept-Payment',
  'X_Payment_Signature',
  'X-Payment_Hash',
  'Transfer_Encoding',
  'Content_Length',
];

const refused = expect.objectContaining({ code: 'MCP_HEADER_REFUSED', fundsMoved: 'no' });

describe('the headers of a caller', () => {
  it.each(REFUSED)('may not set %s, in any case of letters', (name) => {
    for (const spelled of [name, name.toLowerCase(), name.toUpperCase()]) {
      expect(() => readHeaders({ [spelled]: 'secret-value' })).toThrow(refused);
    }
  });

  it('may be anything else', () => {
    const harmless = { Accept: 'text/html', 'X-Api-Key': 'k', 'Idempotency-Key': 'i', 'X-Sessions': '1', Hosts: 'h' };
    expect(readHeaders(harmless)).toEqual(Object.entries(harmless).map(([name, value]) => [name.toLowerCase(), value]));
  });

  it('bring no line of their own, whatever they are made of', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'binary' }), (name, value) => {
        try {
          for (const [read, text] of readHeaders({ [name]: value })) {
            expect(`${read}: ${text}`).not.toMatch(/[\r\n\0]/);
            expect(isRefusedHeader(read)).toBe(false);
          }
        } catch (error) {
          expect(error).toEqual(refused);
        }
      }),
    );
  });

  it('are refused without a word of their value', () => {
    for (const headers of [{ authorization: 'Bearer s3cret' }, { 'x-a': 's3cret\r\nhost: evil' }]) {
      expect(() => readHeaders(headers)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
      );
    }
  });
});
