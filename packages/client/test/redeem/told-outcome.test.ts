import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClientEvent, collectReceipts, L402Client, verifyReceipts, writeReceipts } from '../../src/index.js';
import { openDatabase } from '../../src/store/database.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore, temporaryStorePath } from '../temporary-store.js';

/** A buyer, and a seller who says this of the money once it is paid; by default all that it was sent. */
async function setTheScene(say: (authorization: string) => string = (sent) => sent) {
  const { issuer, payer } = openLightning();
  const sent: string[] = [];
  const seller = await startSeller({
    issuer,
    uses: 3,
    onPaid({ headers }, response) {
      const { authorization = '' } = headers;
      sent.push(authorization);
      response.writeHead(200, { 'x-payment-outcome': say(authorization), 'x-payment-code': authorization.slice(-64) });
      response.end('ok');
      return true;
    },
  });
  const path = temporaryStorePath();
  const store = temporaryStore(path);
  const events: ClientEvent[] = [];
  const client = new L402Client({ wallet: payer, store, onEvent: (event) => void events.push(event) });
  onTestFinished(() => client.close());
  /** Macaroon and preimage. */
  const secrets = () => sent.flatMap((each) => each.replace('L402 ', '').split(':'));
  return { client, store, path, url: `${seller.url}/item`, events, secrets };
}

describe('what a seller says became of the money', () => {
  it('brings no credential to the disk, to an event or into a receipt', async () => {
    const { client, store, path, url, events, secrets } = await setTheScene();
    await client.fetch(url);
    await client.fetch(url);
    expect(secrets()).toHaveLength(4);
    expect(store.journal.list()).toMatchObject([{ state: 'redeemed', outcome: 'other' }]);
    expect(events.filter(({ type }) => type === 'redeemed')).toMatchObject([
      { source: 'bought', outcome: 'other' },
      { source: 'cached', outcome: 'other' },
    ]);
    const files = [path, `${path}-wal`].filter((file) => existsSync(file)).map((file) => readFileSync(file, 'latin1'));
    const receipts = (['json', 'csv'] as const).map((form) =>
      [...writeReceipts(form, collectReceipts(store))].join(''),
    );
    const shown = [...files, ...receipts, JSON.stringify([events, store.journal.list()])];
    for (const secret of secrets()) expect(shown.filter((each) => each.includes(secret))).toEqual([]);
    for (const file of receipts) expect(verifyReceipts(file)).toMatchObject({ count: 1, faults: [] });
  });

  it.each([
    ['charged', 'charged'],
    ['released', 'released'],
    ['refunded_to_balance', 'refunded_to_balance'],
    ['not_charged', 'not_charged'],
    ['Charged', 'other'],
    ['', 'other'],
    // Words of ours, by which a purchase would look refused, or given away.
    ['refused', 'other'],
    ['handed_over', 'other'],
    ['answered', 'other'],
  ])('is a word of the wire format, or another: %j', async (said, kept) => {
    const { client, store, url } = await setTheScene(() => said);
    await client.fetch(url);
    expect(store.journal.list()).toMatchObject([{ state: 'redeemed', outcome: kept }]);
  });

  it('is read as another word where an earlier version kept it as it came, and a person’s decision as it is', async () => {
    const { client, store, path, url, secrets } = await setTheScene(() => 'charged');
    await client.fetch(url);
    const database = openDatabase(path);
    onTestFinished(() => database.close());
    const set = (state: string, outcome: string) =>
      database.run('UPDATE purchases SET state = ?, outcome = ?', state, outcome);
    const [macaroon = '', preimage = ''] = secrets();
    set('redeemed', `L402 ${macaroon}:${preimage}`);
    expect(store.journal.list()).toMatchObject([{ outcome: 'other' }]);
    expect([...collectReceipts(store)]).toMatchObject([{ outcome: 'other' }]);
    expect([...writeReceipts('csv', collectReceipts(store))].join('')).not.toContain(preimage);
    for (const known of ['charged', 'answered', 'refused', 'handed_over']) {
      set('redeemed', known);
      expect(store.journal.list()).toMatchObject([{ outcome: known }]);
    }
    set('failed', 'written_off by me, because');
    expect(store.journal.list()).toMatchObject([{ outcome: 'written_off by me, because' }]);
  });
});
