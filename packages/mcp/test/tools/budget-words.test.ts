import { describe, expect, it } from 'vitest';
import { setTheScene } from '../proxy/scene.js';
import { sellingApi } from './selling-api.js';

const LIBRARY_OPTIONS = /budgetSats|budgetId|maxPerRequestSats/;

describe('what a model is told where a limit holds', () => {
  it.each([
    ['the budget', { BUDGET_SATS: '4' }, {}, 'BUDGET_EXHAUSTED', /The budget is spent[\s\S]+BUDGET_SATS/],
    ['a limit in time', { MAX_SPEND_PER_MINUTE_SATS: '4' }, {}, 'SPENDING_LIMIT_REACHED', /MAX_SPEND_PER_MINUTE_SATS/],
    ['its own limit', {}, { max_cost_sats: 4 }, 'PRICE_ABOVE_LIMIT', /max_cost_sats/],
  ])('is what its user can do, in the names of the settings: %s', async (_, environment, more, code, words) => {
    const { issuer, call, spentMsat } = await setTheScene({ environment });
    const url = await sellingApi({ issuer, onPaid: (_request, response) => void response.end('here') });
    const { data, text } = await call('call_api', { url, ...more });
    expect(data['error']).toMatchObject({
      code,
      fundsMoved: 'no',
      nextStep: expect.not.stringMatching(LIBRARY_OPTIONS),
    });
    expect(text).toMatch(words);
    expect(text).not.toMatch(LIBRARY_OPTIONS);
    expect(spentMsat()).toBe(0);
  });

  it('is that money is reserved, and not that it is spent, while a payment is not decided', async () => {
    const environment = { SATWAY_ANSWER_WITHIN_SECONDS: '1', BUDGET_SATS: '8' };
    const { issuer, call, network } = await setTheScene({ environment });
    network.addFault('buyer', { kind: 'held' });
    const url = await sellingApi({ issuer, onPaid: (_, response) => void response.end('here') });
    const first = await call('call_api', { url });
    const { data, text } = await call('call_api', { url: `${url}/other` });
    expect(data['error']).toMatchObject({ code: 'BUDGET_EXHAUSTED', fundsMoved: 'no' });
    expect(text).toContain('reserved for payments that are not decided yet');
    expect(text).not.toContain('budget is spent');
    network.resolve(String(first.data['paymentId']), 'settled');
    await call('payment_status', { id: first.data['callId'], wait_seconds: 50 });
  });
});
