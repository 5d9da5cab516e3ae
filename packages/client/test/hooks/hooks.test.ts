import { afterEach, describe, expect, it } from 'vitest';
import { type ClientHooks, type Clock, L402Client, type L402ClientOptions } from '../../src/index.js';
import { openGate } from '../support/gate.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

const clients: L402Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

async function setTheScene(hooks: ClientHooks, options: Partial<L402ClientOptions> = {}, lightning = openLightning()) {
  const store = temporaryStore();
  const seller = await startSeller({ issuer: lightning.issuer });
  const client = new L402Client({ wallet: lightning.payer, store, hooks, ...options });
  clients.push(client);
  return { lightning, store, client, url: `${seller.url}/item` };
}

type Names = Exclude<keyof ClientHooks, 'approve'>;
const NOTICES: Names[] = ['onChallenge', 'onQuote', 'onPaid', 'onRedeemed'];

describe('the hooks of a client', () => {
  it('are called at the steps of a purchase, in their order, each with what is known and no secret', async () => {
    const seen: [string, Record<string, unknown>][] = [];
    const hear = (name: string) => (notice: object) => void seen.push([name, { ...notice }]);
    const { client, url, store } = await setTheScene({
      onChallenge: hear('onChallenge'),
      onQuote: hear('onQuote'),
      approve: (request) => {
        seen.push(['approve', { ...request }]);
        return true;
      },
      onPaid: hear('onPaid'),
      onUnknown: hear('onUnknown'),
      onRedeemed: hear('onRedeemed'),
    });
    expect((await client.fetch(url)).status).toBe(200);
    expect(seen.map(([name]) => name)).toEqual(['onChallenge', 'onQuote', 'approve', 'onPaid', 'onRedeemed']);
    const [purchase] = store.journal.list();
    const facts = { paymentHashHex: purchase?.paymentHashHex, amountMsat: 5000 };
    for (const [name, notice] of seen.filter(([name]) => name !== 'onRedeemed'))
      expect(notice, name).toMatchObject(facts);
    expect(seen[1]?.[1]).toMatchObject({
      purchaseId: purchase?.purchaseId,
      budgetId: 'default',
      url,
      payeeHex: expect.stringMatching(/^0[23]/),
    });
    expect(seen[4]?.[1]).toMatchObject({ status: 200, outcome: 'charged', source: 'bought' });
    const secrets = store.credentials.ofPurchase(purchase?.purchaseId ?? '');
    expect(secrets?.preimageHex).toMatch(/^[0-9a-f]{64}$/);
    for (const secret of [secrets?.preimageHex, secrets?.macaroonText])
      expect(JSON.stringify(seen)).not.toContain(secret);
  });

  it.each<[Names, string]>([
    ['onChallenge', 'nothing'],
    ['onQuote', 'quoted'],
    ['onPaid', 'settled'],
    ['onRedeemed', 'redeemed'],
  ])('%s is called when its step is on the disk (%s)', async (name, state) => {
    const states: string[] = [];
    const scene = await setTheScene({
      approve: () => true,
      [name]: () => void states.push(scene.store.journal.list()[0]?.state ?? 'nothing'),
    });
    await scene.client.fetch(scene.url);
    expect(states).toEqual([state]);
  });

  const breakages: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new TypeError('hook');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('hook'))],
    [
      'gives back what breaks later',
      () =>
        // oxlint-disable-next-line no-thenable -- what is no promise, and breaks like one, is the point.
        Object.defineProperty({}, 'then', {
          value: (_: unknown, reject: (error: Error) => void) => reject(new TypeError('hook')),
        }),
    ],
    ['never returns', () => new Promise(() => undefined)],
  ];

  it.each(NOTICES.flatMap((name) => breakages.map(([how, hook]) => [name, how, hook] as const)))(
    '%s that %s loses nothing: one payment, one answer, books that fit',
    async (name, _, hook) => {
      const { client, url, store, lightning } = await setTheScene({ [name]: hook });
      expect(await (await client.fetch(url)).json()).toMatchObject({ answer: 1 });
      expect(lightning.settledMsat()).toEqual([5000]);
      expect(store.budgets.state('default')).toMatchObject({ spentMsat: 5000, reservedMsat: 0 });
      expect(store.journal.list()).toMatchObject([{ state: 'redeemed', ownerId: null }]);
    },
  );

  it('onUnknown is called once for a payment, and one that breaks loses nothing', async () => {
    const told: string[] = [];
    const { client, url, store, lightning } = await setTheScene(
      {
        onUnknown: ({ paymentHashHex }) => {
          told.push(paymentHashHex);
          throw new TypeError('hook');
        },
      },
      { paymentTimeoutMs: 500 },
      (() => {
        const slow = openLightning();
        slow.addFault({ kind: 'held' });
        return slow;
      })(),
    );
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'PAYMENT_UNKNOWN' });
    expect(told).toEqual([store.journal.list()[0]?.paymentHashHex]);
    expect(store.journal.list()).toMatchObject([{ state: 'unknown' }]);
    lightning.resolveAll();
    expect((await client.fetch(url)).status).toBe(200);
    expect(lightning.settledMsat()).toEqual([5000]);
    expect(told).toHaveLength(1);
  });

  it.each(breakages.slice(0, 2))('an approve that %s is a no, and nothing is paid', async (_, hook) => {
    const { client, url, lightning, store } = await setTheScene({ approve: hook as () => boolean });
    expect(await client.tryFetch(url)).toMatchObject({ ok: false, code: 'APPROVAL_DENIED', fundsMoved: 'no' });
    expect(lightning.payments()).toEqual([]);
    expect(store.budgets.state('default')).toMatchObject({ spentMsat: 0, reservedMsat: 0 });
  });

  it('an approve that never returns holds nothing: who leaves is told, and the purchase is given up', async () => {
    const asked = openGate<void>();
    const { client, url, lightning, store } = await setTheScene({
      approve: () => {
        asked.resolve();
        return new Promise(() => undefined);
      },
    });
    const controller = new AbortController();
    const call = client.tryFetch(url, { signal: controller.signal });
    await asked.promise;
    controller.abort();
    expect(await call).toMatchObject({ code: 'CALL_ABORTED' });
    await client.close();
    expect(store.journal.list()).toMatchObject([{ state: 'failed', failure: 'CALL_ABORTED', ownerId: null }]);
    expect(lightning.payments()).toEqual([]);
  });

  it('an approve that outlives the invoice has not said yes', async () => {
    const lightning = openLightning();
    let nowMs = Date.now();
    const waits: number[] = [];
    const clock: Clock = {
      nowMs: () => nowMs,
      sleep(waitMs) {
        waits.push(waitMs);
        nowMs += waitMs;
        return Promise.resolve();
      },
    };
    const { client, url } = await setTheScene({ approve: () => new Promise(() => undefined) }, { clock }, lightning);
    expect(await client.tryFetch(url)).toMatchObject({ code: 'APPROVAL_DENIED', fundsMoved: 'no' });
    expect(waits[0]).toBeGreaterThan(3_500_000);
    expect(lightning.payments()).toEqual([]);
  });

  it.each([1, 'true', {}, null, undefined])('an approve that says %j has not said yes', async (answer) => {
    const { client, url, lightning } = await setTheScene({ approve: (() => answer) as unknown as () => boolean });
    expect(await client.tryFetch(url)).toMatchObject({ code: 'APPROVAL_DENIED' });
    expect(lightning.payments()).toEqual([]);
  });

  it('approve is asked beside the option of the same name, and cannot change what is shown to the other', async () => {
    const asked: number[] = [];
    const { client, url, lightning } = await setTheScene(
      { approve: ({ amountMsat }) => asked.push(amountMsat) > 0 },
      {
        approve: (request) => {
          Reflect.set(request, 'amountMsat', 1);
          return true;
        },
      },
    );
    expect((await client.fetch(url)).status).toBe(200);
    expect(asked).toEqual([5000]);
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('are those of the whole for a part of its budget, which asks once', async () => {
    class Hooks implements ClientHooks {
      readonly calls: string[] = [];
      approve(): boolean {
        return this.calls.push('approve') > 0;
      }
      onPaid(): void {
        this.calls.push('onPaid');
      }
    }
    const hooks = new Hooks();
    const { client, url } = await setTheScene(hooks);
    const part = client.subClient({ budgetSats: 50 });
    await part.fetch(url);
    expect(hooks.calls).toEqual(['approve', 'onPaid']);
    const own: string[] = [];
    const other = client.subClient({ budgetSats: 50, hooks: { onPaid: () => void own.push('own') } });
    await other.fetch(`${url}/2`);
    expect([hooks.calls, own]).toEqual([['approve', 'onPaid', 'approve'], ['own']]);
    await Promise.all([part.close(), other.close()]);
  });

  it.each([{ aprove: () => true }, { onPaid: 'yes' }, { onpaid: () => true }])(
    'that would never be called are refused: %o',
    async (hooks) => {
      await expect(setTheScene(hooks as ClientHooks)).rejects.toMatchObject({ code: 'CLIENT_OPTIONS_INVALID' });
    },
  );
});
