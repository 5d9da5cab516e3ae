import { describe, expect, it } from 'vitest';
import { isPaymentAuthorization, isPaymentHeader } from '../../src/index.js';

const OF_PAYMENTS = [
  'X-Payment',
  'X-PAYMENT-RESPONSE',
  'X-Payment-Hash',
  'X-Payment-Outcome',
  'Payment',
  'Payment-Receipt',
  'PAYMENT-SIGNATURE',
  'PAYMENT-REQUIRED',
  'Payment-Authorization',
  'Accept-Payment',
  'X-Accept-Payment',
  'X-Cashu',
  'Cashu',
  'Cashu-Token',
  'Ecash',
  'X-Ecash',
  'E-Cash',
  'X-Fedimint-Notes',
  'X402',
  'X402-Payment',
  'X-402',
  'X-402-Payment',
  'L402',
  'X-L402-Token',
  'LSAT',
  'X-LSAT',
  'Preimage',
  'X-Preimage',
  'Macaroon',
  'X-Macaroon',
  'Grpc-Metadata-Macaroon',
  'X-Session-Token',
  'X-Session-Balance',
  'X-Session-Expires',
  'X-Session-Cost',
];

const OF_OTHERS = [
  'Authorization',
  'Cookie',
  'X-Api-Key',
  'X-Session-Id',
  'Session-Id',
  'X-Sessions',
  'Idempotency-Key',
  'Nostr-Authorization',
  'Content-Type',
  'Accept',
  'X-Paymentless',
  'Repayment',
  'X-Request-Id',
  'L4020',
  '',
];

describe('a header of a payment', () => {
  it.each(OF_PAYMENTS)('is %s, however it is spelled', (name) => {
    for (const spelled of [name, name.toLowerCase(), name.toUpperCase(), name.replaceAll('-', '_')]) {
      expect(isPaymentHeader(spelled)).toBe(true);
    }
  });

  it.each(OF_OTHERS)('is not %j', (name) => {
    expect(isPaymentHeader(name)).toBe(false);
  });
});

describe('an Authorization header', () => {
  it.each([
    'L402 mac:00',
    'l402 mac:00',
    'LSAT mac:00',
    'Payment eyJ9',
    'payment',
    'X402 abc',
    'Cashu cashuA',
    'Ecash notes',
    'Bearer abc, L402 mac:00',
    'Bearer abc,Payment eyJ9',
    '  L402\tmac:00',
    'Something L402 mac:00',
  ])('is a payment: %j', (value) => {
    expect(isPaymentAuthorization(value)).toBe(true);
  });

  it.each([
    '',
    'Bearer abc',
    'Bearer payment.token',
    'Basic bDQwMjpsNDAy',
    'Nostr eyJ9',
    'L402x abc',
    'Digest username="payment", realm="x"',
    'Macaroon root="AgE"',
  ])('says who somebody is: %j', (value) => {
    expect(isPaymentAuthorization(value)).toBe(false);
  });

  it('is read in a time that grows with its length alone', () => {
    expect(isPaymentAuthorization(`${', '.repeat(500_000)}Paymen`)).toBe(false);
    expect(isPaymentAuthorization(`,${' '.repeat(1_000_000)}Paymen`)).toBe(false);
  });
});
