import { describe, expect, it, vi } from 'vitest';
import { setTheScene } from '../proxy/scene.js';
import { sellingApi } from './selling-api.js';

/** A moment that a test brings about. */
function moment(): { reached: Promise<void>; reach: () => void } {
  let reach = (): void => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  return { reached, reach: () => reach() };
}

describe('what a call is said to have cost', () => {
  it('is what it paid, also where no answer came for it, and nothing where an earlier call had paid', async () => {
    const { issuer, call, spentMsat } = await setTheScene();
    let count = 0;
    const url = await sellingApi({
      issuer,
      onPaid: (_, response) => void (++count <= 2 ? response.destroy() : response.end('here')),
    });
    const lost = await call('call_api', { url });
    expect(lost.data).toMatchObject({ state: 'failed', costMsat: 5000, heldMsat: 0, paidBy: 'bought' });
    expect(lost.data['error']).toMatchObject({ fundsMoved: 'yes' });
    expect(lost.text).toContain('\nCost: 5 sats\n');
    expect((await call('payment_status', { id: lost.data['callId'] })).data).toMatchObject({ costMsat: 5000 });
    const again = await call('call_api', { url });
    expect(again.data).toMatchObject({ state: 'answered', costMsat: 0, paidBy: 'recovered', joined: false });
    expect(spentMsat()).toBe(5000);
  });

  it('is not known while nobody knows what becomes of the payment, and what is held back for it is told', async () => {
    const { issuer, call, network } = await setTheScene({ environment: { SATWAY_ANSWER_WITHIN_SECONDS: '1' } });
    network.addFault('buyer', { kind: 'held' });
    const url = await sellingApi({ issuer, onPaid: (_, response) => void response.end('here') });
    const { data, text } = await call('call_api', { url });
    expect(data).toMatchObject({ state: 'running', costMsat: 0, heldMsat: expect.any(Number) });
    expect(data['heldMsat']).toBeGreaterThanOrEqual(5000);
    expect(data).toMatchObject({ sessionSpentMsat: 0, sessionReservedMsat: data['heldMsat'] });
    expect(text).toMatch(/\nSession spending: 0 sats \| [^\n]+$/);
    expect(text).toMatch(/\nCost: not known yet; [\d.]+ sats are reserved until the payment is decided\n/);
    const paymentId = String(data['paymentId']);
    expect(network.resolve(paymentId, 'settled')).toBe(true);
    const ended = await call('payment_status', { id: data['callId'], wait_seconds: 50 });
    expect(ended.data).toMatchObject({ state: 'answered', costMsat: 5000, heldMsat: 0, paymentId });
    expect(ended.data).toMatchObject({ sessionSpentMsat: 5000, sessionReservedMsat: 0 });
  });

  it('is said to be paid once, where two wait for the same call', async () => {
    const { issuer, call, context, spentMsat } = await setTheScene();
    const [asked, joining] = [moment(), moment()];
    const url = await sellingApi({
      issuer,
      onPaid: (_, response) => void response.end('here'),
      async onAsked() {
        asked.reach();
        await joining.reached;
      },
    });
    const first = call('call_api', { url });
    await asked.reached;
    const findRunning = context.calls.findRunning.bind(context.calls);
    vi.spyOn(context.calls, 'findRunning').mockImplementation((request) => {
      joining.reach();
      return findRunning(request);
    });
    const second = await call('call_api', { url });
    expect((await first).data).toMatchObject({ costMsat: 5000, joined: false, body: 'here' });
    expect(second.data).toMatchObject({ costMsat: 0, feeMsat: 0, joined: true, body: 'here' });
    expect(second.text).toContain('paid once, by that call');
    expect(second.text).toContain('\nCost: 0 sats\n');
    expect(spentMsat()).toBe(5000);
  });
});
