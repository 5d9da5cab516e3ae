import type { Purchase, UnresolvedFinding } from '@satway/client';
import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../../src/wallet/diagnose-purchase.js';
import { mayDecide } from '../../../src/wallet/resolve/may-decide.js';

const finding = (walletSays: UnresolvedFinding['walletSays']): UnresolvedFinding => ({
  purchase: { paymentHashHex: 'ab'.repeat(32), state: 'unknown' } as Purchase,
  walletSays,
  detail: 'what the wallet said',
  missingPermission: null,
});
const diagnosis = (verdict: Diagnosis['verdict']): Diagnosis => ({ verdict, detail: 'what was found' });

describe('what a person may decide of a payment that stays unknown', () => {
  it.each([
    ['inFlight', 'stuck', true, true],
    ['inFlight', 'canStillEnd', false, false],
    ['inFlight', 'unclear', false, false],
    ['inFlight', null, true, false],
    ['notFound', null, true, false],
    ['failed', null, true, false],
    [null, null, false, false],
  ] as const)('where the wallet says %s, found %s: spent %s, failed %s', (walletSays, verdict, spent, failed) => {
    const found = verdict === null ? null : diagnosis(verdict);
    expect(mayDecide('settled-as-spent', finding(walletSays), found).ok).toBe(spent);
    expect(mayDecide('failed', finding(walletSays), found).ok).toBe(failed);
  });

  it('whose wallet says that one request failed: not as failed, since another may be paid until the invoice has expired there', () => {
    expect(mayDecide('failed', finding('failed'), null)).toEqual({
      ok: false,
      why: expect.stringContaining('expired by the wallet’s own clock'),
    });
  });

  it('that its credential may not look up: spent, naming what it lacks, and never failed', () => {
    const unasked = { ...finding(null), missingPermission: 'uri:/routerrpc.Router/TrackPaymentV2' };
    expect(mayDecide('settled-as-spent', unasked, null)).toEqual({
      ok: true,
      reason: expect.stringContaining('uri:/routerrpc.Router/TrackPaymentV2'),
    });
    expect(mayDecide('failed', unasked, null).ok).toBe(false);
  });

  it('keeps what was found as the reason', () => {
    expect(mayDecide('failed', finding('inFlight'), diagnosis('stuck'))).toEqual({
      ok: true,
      reason: 'what was found',
    });
    expect(mayDecide('settled-as-spent', finding('notFound'), null)).toEqual({
      ok: true,
      reason: 'what the wallet said',
    });
  });
});
