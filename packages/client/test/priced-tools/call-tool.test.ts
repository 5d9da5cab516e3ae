import { formatToolReceipt, TOOL_RECEIPT_KEY } from '@satway/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, L402Client, type L402ClientOptions, L402Error } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { temporaryStore } from '../temporary-store.js';
import { openToolShop, type Result, type ShopOptions } from './priced-shop.js';

const clients: L402Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function setTheScene(shop: Partial<ShopOptions> = {}, options: Partial<L402ClientOptions> = {}) {
  const lightning = openLightning();
  const store = temporaryStore();
  const open = openToolShop({ issuer: lightning.issuer, ...shop });
  const client = new L402Client({ wallet: lightning.payer, store, ...options });
  clients.push(client);
  return { lightning, store, client, ...open };
}

async function refusalOf(work: Promise<unknown>): Promise<L402Error> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof L402Error)) throw new Error('it was not refused');
  return error;
}

/** Waits between free repeats are over at once; longer ones end with their signal. */
const impatient: Clock = {
  nowMs: () => Date.now(),
  sleep: (waitMs, signal) =>
    waitMs < 5_000
      ? Promise.resolve()
      : new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
};

const text = ({ content }: Result) => content[0]?.text;
const receiptOf = (outcome: 'released' | 'not_charged', code: string | null): Result => ({
  isError: true,
  content: [{ type: 'text', text: 'Not now.' }],
  _meta: {
    [TOOL_RECEIPT_KEY]: formatToolReceipt({ paymentHashHex: '00'.repeat(32), amountMsat: 0, outcome, code }),
  },
});

describe('a priced tool', () => {
  it('is paid and answers, and the journal has it to the end', async () => {
    const { client, tool, store, lightning, seen } = setTheScene();
    const { result, payment } = await client.callTool(tool());
    expect(text(result)).toBe('Sun.');
    expect(payment).toMatchObject({ paidMsat: 5000, source: 'bought' });
    expect(lightning.payments()).toHaveLength(1);
    expect(store.journal.list()).toMatchObject([{ state: 'redeemed', outcome: 'charged', method: 'MCP' }]);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toEqual({});
  });

  it('that asks for nothing costs nothing, and leaves no trace', async () => {
    const { client, store, lightning } = setTheScene();
    const free = {
      origin: 'mcp://free',
      tool: 'time',
      arguments: {},
      call: async (): Promise<Result> => ({ content: [] }),
    };
    expect(await client.callTool(free)).toMatchObject({ payment: null });
    expect(store.journal.list()).toEqual([]);
    expect(lightning.payments()).toEqual([]);
  });

  it.each<[string, Partial<ShopOptions>, string]>([
    ['claims less than the invoice asks for', { lie: () => ({ amountMsat: 1_000 }) }, 'OFFER_PRICE_MISMATCH'],
    ['claims more than the invoice asks for', { lie: () => ({ amountMsat: 9_000_000 }) }, 'OFFER_PRICE_MISMATCH'],
    ['names another payment hash', { lie: () => ({ paymentHashHex: 'ab'.repeat(32) }) }, 'OFFER_HASH_MISMATCH'],
    ['is for other arguments', { lie: () => ({ argsDigestHex: 'cd'.repeat(32) }) }, 'OFFER_UNREADABLE'],
    ['is for another tool', { lie: () => ({ resource: 'mcp://weather/history' }) }, 'OFFER_UNREADABLE'],
    [
      'is for a tool with a name that cannot be read',
      { lie: () => ({ resource: 'mcp://%ff/forecast' }) },
      'OFFER_UNREADABLE',
    ],
    [
      'has a token of another server',
      { lie: () => ({ resource: 'mcp://traffic/forecast', argsDigestHex: null }) },
      'OFFER_UNREADABLE',
    ],
    ['costs more than one call may', { priceMsat: 200_000 }, 'PRICE_ABOVE_LIMIT'],
  ])('is not paid when its challenge %s', async (_, shop, code) => {
    const { client, tool, lightning } = setTheScene(shop);
    const error = await refusalOf(client.callTool(tool()));
    expect(error).toMatchObject({ code, fundsMoved: 'no' });
    expect(lightning.payments()).toEqual([]);
  });

  it('is not paid for a challenge in a result that is a success', async () => {
    const { client, tool, lightning } = setTheScene({ dress: (result) => ({ ...result, isError: false }) });
    expect(await client.callTool(tool())).toMatchObject({ payment: null });
    expect(lightning.payments()).toEqual([]);
  });

  it('is not paid beyond the budget, nor without a yes where one is needed', async () => {
    const poor = setTheScene({}, { budgetSats: 4 });
    expect(await refusalOf(poor.client.callTool(poor.tool()))).toMatchObject({ code: 'BUDGET_EXHAUSTED' });
    const asked = setTheScene({}, { approve: () => false });
    expect(await refusalOf(asked.client.callTool(asked.tool()))).toMatchObject({ code: 'APPROVAL_DENIED' });
    const capped = setTheScene();
    const refused = capped.client.callTool(capped.tool(), {}, { maxCostSats: 4 });
    expect(await refusalOf(refused)).toMatchObject({ code: 'PRICE_ABOVE_LIMIT' });
    for (const { lightning } of [poor, asked, capped]) expect(lightning.payments()).toEqual([]);
  });

  it('that takes the money and asks again gets no more of it', async () => {
    const { client, tool, lightning } = setTheScene({ acceptsNothing: true });
    const error = await refusalOf(client.callTool(tool()));
    expect(error).toMatchObject({ code: 'PAID_CREDENTIAL_REFUSED', fundsMoved: 'yes' });
    expect(await refusalOf(client.callTool(tool({ city: 'Bergen' })))).toMatchObject({ code: 'SELLER_STOPPED' });
    expect(lightning.payments()).toHaveLength(1);
  });

  it('whose answer was lost is not paid again by the next call', async () => {
    let isBroken = true;
    const shop = setTheScene({
      work: () => {
        if (!isBroken) return { content: [{ type: 'text', text: 'Rain.' }] };
        throw new Error('connection lost');
      },
    });
    const { client, tool, lightning, giveBack } = shop;
    const error = await refusalOf(client.callTool(tool()));
    expect(error).toMatchObject({ code: 'ANSWER_LOST', fundsMoved: 'yes' });
    isBroken = false;
    giveBack();
    const { result, payment } = await client.callTool(tool());
    expect(text(result)).toBe('Rain.');
    expect(payment).toMatchObject({ paidMsat: 0, source: 'recovered' });
    expect(lightning.payments()).toHaveLength(1);
  });

  it('sold for several calls is paid once for them', async () => {
    const { client, tool, lightning } = setTheScene({ uses: 3 });
    for (const city of ['Oslo', 'Bergen', 'Oslo']) await client.callTool(tool({ city }));
    expect(lightning.payments()).toHaveLength(1);
    expect((await client.callTool(tool())).payment).toMatchObject({ source: 'bought' });
    expect(lightning.payments()).toHaveLength(2);
  });

  it('sold for several calls with the same arguments is called with them alone', async () => {
    const { client, tool, lightning, store, seen } = setTheScene({ uses: 3, bindsArguments: true });
    for (const city of ['Oslo', 'Bergen', 'Oslo', 'Bergen', 'Oslo', 'Bergen']) await client.callTool(tool({ city }));
    expect(lightning.payments()).toHaveLength(2);
    // Twice without a proof, and six times with one that is accepted.
    expect(seen).toHaveLength(8);
    expect(store.credentials.list().map(({ state, usesTaken }) => [state, usesTaken])).toEqual([
      ['good', 3],
      ['good', 3],
    ]);
  });

  it('is called again for free where the seller gave the use back', async () => {
    let failures = 1;
    const shop = setTheScene(
      {
        work: () => {
          shop.giveBack();
          return failures-- > 0
            ? receiptOf('released', 'upstream_failed_retryable')
            : { content: [{ type: 'text' as const, text: 'Sun.' }] };
        },
      },
      { clock: impatient },
    );
    const { result } = await shop.client.callTool(shop.tool());
    expect(text(result)).toBe('Sun.');
    expect(shop.lightning.payments()).toHaveLength(1);
  });

  it('that is busy for ever keeps what was paid for the next call', async () => {
    const shop = setTheScene(
      {
        work: () => {
          shop.giveBack();
          return receiptOf('not_charged', 'claim_in_progress');
        },
      },
      { clock: impatient },
    );
    expect(await refusalOf(shop.client.callTool(shop.tool()))).toMatchObject({
      code: 'CLAIM_STILL_RUNNING',
      fundsMoved: 'yes',
    });
    expect(shop.store.journal.list()).toMatchObject([{ state: 'redeeming' }]);
    expect(shop.store.journal.listUnused(Date.now())).toHaveLength(1);
  });

  it.each(['file:///etc', 'mcp://', 'mcp://a/b', 'mcp://UPPER', 'https://a.example/path', '__proto__', ''])(
    'is not called at the origin %j',
    async (origin) => {
      const { client, tool, seen } = setTheScene();
      expect(await refusalOf(client.callTool({ ...tool(), origin }))).toMatchObject({ code: 'CALL_INVALID' });
      expect(seen).toEqual([]);
    },
  );

  it('never shares what it bought with an HTTP call of the same origin', async () => {
    const { client, tool, store } = setTheScene({ uses: 3 });
    await client.callTool({ ...tool(), origin: 'https://weather.example' });
    const [purchase] = store.journal.list();
    const scopesOf = (method: string) =>
      purchase === undefined ? null : store.credentials.scopesFor(purchase.origin, { ...purchase, method });
    expect(scopesOf('GET')).toEqual([]);
    expect(scopesOf('MCP')).toHaveLength(1);
  });

  it('left while it is being paid is finished in the background, and kept', async () => {
    const { client, tool, lightning, store } = setTheScene();
    const leaving = new AbortController();
    lightning.addFault({ kind: 'stuckThenSettled' });
    const call = refusalOf(client.callTool(tool(), { signal: leaving.signal }));
    await lightning.nextPayment();
    leaving.abort();
    expect(await call).toMatchObject({ code: 'CALL_ABORTED' });
    lightning.resolveAll();
    await client.close();
    expect(store.journal.list()).toMatchObject([{ state: 'settled' }]);
  });
});
