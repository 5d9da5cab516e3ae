import { describe, expect, it } from 'vitest';
import { readMcpSettings } from '../../src/index.js';
import { setTheScene } from '../proxy/scene.js';
import { sellingApi } from './selling-api.js';

describe('the time that one request to a seller may take', () => {
  it('is 30 seconds where nothing else is set', () => {
    expect(readMcpSettings({}).exchangeWithinMs).toBe(30_000);
    expect(readMcpSettings({ SATWAY_EXCHANGE_WITHIN_SECONDS: '600' }).exchangeWithinMs).toBe(600_000);
    expect(() => readMcpSettings({ SATWAY_EXCHANGE_WITHIN_SECONDS: '0' })).toThrow(/SATWAY_EXCHANGE_WITHIN_SECONDS/);
  });

  it('ends a paid request that is never answered, and a look at a price', async () => {
    const environment = { SATWAY_EXCHANGE_WITHIN_SECONDS: '1' };
    const { issuer, call } = await setTheScene({ environment });
    const url = await sellingApi({ issuer, onPaid: () => undefined });
    const { data } = await call('call_api', { url });
    expect(data).toMatchObject({ state: 'failed', costMsat: 5000, error: { code: 'ANSWER_LOST', fundsMoved: 'yes' } });
    const silent = await sellingApi({ issuer, onPaid: () => undefined, onAsked: () => new Promise(() => undefined) });
    const looked = await call('preview_cost', { url: silent });
    expect(looked.text).toContain('EGRESS_TIMEOUT');
  });
});
