import { SatwayError } from '@satway/base';
import { describe, expect, it, onTestFinished } from 'vitest';
import { L402Client, type L402ClientOptions } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

async function buyWith(approve: NonNullable<L402ClientOptions['approve']>) {
  const lightning = openLightning();
  const seller = await startSeller({ issuer: lightning.issuer });
  const client = new L402Client({ wallet: lightning.payer, store: temporaryStore(), approve });
  onTestFinished(() => client.close());
  return { result: await client.tryFetch(`${seller.url}/item`), settledMsat: lightning.settledMsat() };
}

describe('a purchase that an approver breaks over', () => {
  it.each(['APPROVALS_FULL', 'APPROVALS_PAUSED'] as const)(
    'is not paid, and says why nobody was asked: %s',
    async (code) => {
      const { result, settledMsat } = await buyWith(() => {
        throw new SatwayError(code);
      });
      expect(result).toMatchObject({ ok: false, code, fundsMoved: 'no' });
      expect(settledMsat).toEqual([]);
    },
  );

  it('was denied where an approver throws what is no answer of an approver, and says what', async () => {
    const { result, settledMsat } = await buyWith(() => {
      throw new SatwayError('APPROVAL_OVER');
    });
    expect(result).toMatchObject({
      ok: false,
      code: 'APPROVAL_DENIED',
      message: expect.stringContaining('can no longer be approved'),
    });
    expect(settledMsat).toEqual([]);
  });

  it('repeats nothing of what others throw', async () => {
    const { result, settledMsat } = await buyWith(() => {
      throw new Error('a secret of the approver');
    });
    expect(result).toMatchObject({
      ok: false,
      code: 'APPROVAL_DENIED',
      message: expect.not.stringContaining('secret'),
    });
    expect(settledMsat).toEqual([]);
  });
});
