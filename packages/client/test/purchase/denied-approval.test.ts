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
  it('is not paid, and says why nobody could be asked', async () => {
    const { result, settledMsat } = await buyWith(() => {
      throw new SatwayError('APPROVALS_FULL');
    });
    expect(result).toMatchObject({
      ok: false,
      code: 'APPROVAL_DENIED',
      message: expect.stringContaining('Too many purchases wait'),
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
