import type { InvoiceIssuer, InvoicePayer } from '@satway/wallets';
import { heldInvoiceCases, issuerCases, payerCases } from '@satway/wallets/conformance';
import { createSandboxNetwork } from '@satway/wallets/sandbox';
import { describe, expect, it } from 'vitest';
import { issuerLies } from './lies/issuer-lies.js';
import { type Lie, replacing } from './lies/lie.js';
import { payerLies } from './lies/payer-lies.js';
import { makeIssuerFixture, makePayerFixture } from './sandbox-fixtures.js';

const inProcess = (tell: {
  issuer?: Lie<InvoiceIssuer>['tell'];
  payer?: Lie<InvoicePayer>['tell'];
}): Parameters<typeof makePayerFixture>[0] => {
  return async (network) => {
    const { issuer } = network.node('seller');
    const { payer } = network.node('buyer');
    return {
      issuer: tell.issuer?.(issuer, network) ?? issuer,
      payer: tell.payer?.(payer, network) ?? payer,
      close: async () => undefined,
    };
  };
};

const named = <Wallet>(lies: readonly Lie<Wallet>[]) => lies.map((lie) => [lie.lie, lie] as const);

describe('the cases of the conformance suite', () => {
  it.each(named(payerLies))('find a payer that %s', async (_lie, { caughtBy, tell }) => {
    const fixture = await makePayerFixture(inProcess({ payer: tell }));
    const found = payerCases.find(({ name }) => name === caughtBy);
    await expect(found?.run(fixture)).rejects.toMatchObject({ code: 'WALLET_PROMISE_BROKEN' });
    await fixture.close();
  });

  it.each(named(issuerLies))('find an issuer that %s', async (_lie, { caughtBy, tell }) => {
    const fixture = await makeIssuerFixture(inProcess({ issuer: tell }));
    const found = issuerCases.find(({ name }) => name === caughtBy);
    await expect(found?.run(fixture)).rejects.toMatchObject({ code: 'WALLET_PROMISE_BROKEN' });
    await fixture.close();
  });

  it('find an issuer that takes fractions of a satoshi where it should refuse them', async () => {
    const fixture = { ...(await makeIssuerFixture(inProcess({}))), traits: { wholeSatsOnly: true } };
    const found = issuerCases.find(({ name }) => name.startsWith('issues an amount that is not whole satoshis'));
    await expect(found?.run(fixture)).rejects.toMatchObject({ code: 'WALLET_PROMISE_BROKEN' });
    await fixture.close();
  });

  it('find an issuer that calls held money its own', async () => {
    const tell: Lie<InvoiceIssuer>['tell'] = (honest) =>
      replacing(honest, {
        lookUp: async (hash) => {
          const found = await honest.lookUp(hash);
          return found.state === 'held' ? { state: 'settled', amountReceivedMsat: 2000, settledAtMs: null } : found;
        },
      });
    const fixture = await makeIssuerFixture(inProcess({ issuer: tell }));
    await expect(heldInvoiceCases[0]?.run(fixture)).rejects.toMatchObject({ code: 'WALLET_PROMISE_BROKEN' });
    await fixture.close();
  });

  it('fail for whoever lacks what they need, and never pass unseen', async () => {
    const network = createSandboxNetwork();
    const { payer, issuer } = network.addNode('alone', { balanceMsat: 1_000_000 });
    const alone = { payer, issuer, network: 'regtest' as const };
    const needy = [...payerCases.filter(needsSomebody), ...issuerCases.filter(needsSomebody), ...heldInvoiceCases];
    expect(needy.length).toBeGreaterThan(12);
    for (const { name, run } of needy) {
      await expect(run(alone), name).rejects.toMatchObject({ code: 'WALLET_PROMISE_BROKEN' });
    }
    network.close();
  });

  it('show no preimage in what they say of a liar', async () => {
    const tell: Lie<InvoicePayer>['tell'] = (honest) =>
      replacing(honest, { lookUp: async () => ({ state: 'settled', ...PAID_BY_SOMEBODY }) });
    const fixture = await makePayerFixture(inProcess({ payer: tell }));
    const told: string[] = [];
    for (const { run } of payerCases.filter(({ needs }) => !needs.includes('hold'))) {
      await run(fixture).catch((error: unknown) => told.push(String(error)));
    }
    expect(told.join()).toMatch(/preimageHex":"…"/);
    expect(told.join()).not.toMatch(/[0-9a-f]{64}/);
    await fixture.close();
  });
});

const PAID_BY_SOMEBODY = { preimageHex: '77'.repeat(32), amountMsat: 2000, feeMsat: 0 };

function needsSomebody({ needs }: { readonly needs: readonly string[] }): boolean {
  return needs.some((need) => ['counterpart', 'cancel', 'hold'].includes(need));
}
