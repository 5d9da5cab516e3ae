import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import { createEgress } from '@satway/egress';
import type { InvoicePayer } from '@satway/wallets';
import { createSandboxNetwork } from '@satway/wallets/sandbox';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSatwayMcpServer, openSatwayContext, readMcpSettings } from '../../src/index.js';
import { serveHere } from '../http/scene.js';
import { connectAgent } from '../proxy/scene.js';
import { sellingApi } from './selling-api.js';

/** One home, in which a server is started again and again, with other settings each time. */
async function setTheScene() {
  const network = createSandboxNetwork();
  const { issuer } = network.addNode('seller');
  const { payer } = network.addNode('buyer', { balanceMsat: 100_000_000 });
  const egress = createEgress({ allowHosts: ['127.0.0.1'] });
  const home = mkdtempSync(join(tmpdir(), 'satway-mcp-'));
  onTestFinished(async () => {
    await egress.close();
    network.close();
    rmSync(home, { recursive: true, force: true });
  });
  const url = await sellingApi({ issuer, onPaid: (_, response) => void response.end('here') });
  const start = async (wallet: InvoicePayer, environment: NodeJS.ProcessEnv) => {
    const store = openPurchaseStore({ path: join(home, 'purchases.db') });
    const settings = readMcpSettings({ SATWAY_HOME: home, BUDGET_SATS: '100', ...environment });
    const context = openSatwayContext({ wallet, store, egress, settings });
    const stop = async () => {
      await context.close();
      store.close();
    };
    const { call } = await connectAgent((await serveHere({ factory: createSatwayMcpServer(context) })).url);
    return {
      store,
      call: () => call('call_api', { url }),
      status: (id: unknown) => call('payment_status', { id, wait_seconds: 20 }),
      stop,
    };
  };
  const deaf: InvoicePayer = { ...payer, pay: async () => ({ state: 'unknown', detail: 'connection reset' }) };
  const paidMsat = () =>
    network
      .books()
      .nodes.flatMap(({ name, payments }) => (name === 'buyer' ? payments.map((each) => each.amountMsat) : []));
  return { start, payer, deaf, paidMsat };
}

describe('a payment that had no answer before the server was started again', () => {
  it.each([{ BUDGET_SATS: '1' }, { MAX_SPEND_PER_DAY_SATS: '0' }, { MAX_SPEND_PER_MINUTE_SATS: '0' }])(
    'is not made by a server that may not spend it: %o',
    async (environment) => {
      const { start, payer, deaf, paidMsat } = await setTheScene();
      const first = await start(deaf, {});
      expect((await first.call()).data['error']).toMatchObject({ code: 'PAYMENT_UNKNOWN' });
      await first.stop();
      const second = await start(payer, environment);
      const refused = await second.call();
      expect(refused.data['error']).toMatchObject({ code: 'PAYMENT_UNKNOWN', fundsMoved: 'unknown' });
      expect(refused.text).toContain('It was not sent once more:');
      expect(paidMsat()).toEqual([]);
      await second.stop();
    },
  );

  it('waits for a yes of its own above the threshold, whatever was allowed before, and says what it cost', async () => {
    const { start, payer, deaf, paidMsat } = await setTheScene();
    const asksAlways = { MAX_AUTO_PAY_SATS: '0' };
    const first = await start(deaf, asksAlways);
    const asked = await first.call();
    first.store.approvals.decide(String(asked.data['approvalId']), 'yes', 'a person');
    expect((await first.status(asked.data['callId'])).data['error']).toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    await first.stop();
    const second = await start(payer, asksAlways);
    const again = await second.call();
    expect(again.data).toMatchObject({ state: 'waiting_for_approval', costMsat: 0 });
    expect(paidMsat()).toEqual([]);
    const [question] = second.store.approvals.listPending();
    expect(question).toMatchObject({ approvalId: again.data['approvalId'], sentBefore: true });
    second.store.approvals.decide(String(question?.approvalId), 'yes', 'a person');
    const ended = await second.status(again.data['callId']);
    expect(ended.data).toMatchObject({ state: 'answered', costMsat: 5000, paidBy: 'bought', sessionSpentMsat: 5000 });
    expect(ended.text).toContain('\nCost: 5 sats\n');
    expect(paidMsat()).toEqual([5000]);
    await second.stop();
  });
});
