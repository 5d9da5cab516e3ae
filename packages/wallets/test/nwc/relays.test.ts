import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectNwcPayer } from '@satway/wallets/nwc';
import { describe, expect, it } from 'vitest';
import { newParties, startScriptedRelay, uriOf } from '../../../../test/support/nwc/index.js';
import { gone, kept, LIMITS, scene, sentTo, tellsBalance } from './scenes.js';
import { newBill, paid, refusal, result, type WalletScript } from './scripted-wallet.js';

describe('one relay', () => {
  it('that drops the connection is connected to again for the next question', async () => {
    const { payer, relay } = await scene(tellsBalance);
    relay.cut();
    expect(await payer.balance()).toEqual({ spendableMsat: 21_000 });
    expect(relay.connections()).toBe(2);
  });

  it('cut in mid-payment is followed again, the answer that came meanwhile is found, and nothing is sent twice', async () => {
    const bill = newBill();
    const { payer, relay } = await scene(
      {
        pay_invoice: (_request, { answer, socket }) => {
          socket.terminate();
          answer(paid(bill));
        },
      },
      { keepsAnswers: true },
    );
    expect(await payer.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'settled' });
    expect(sentTo(relay, 'pay_invoice')).toBe(1);
  });

  it('cut in mid-payment brings an answer that comes after it is followed again, and the request is not repeated', async () => {
    const bill = newBill();
    let answerLater: () => void = () => undefined;
    const { payer, relay } = await scene({
      ...tellsBalance,
      pay_invoice: (_request, { answer, socket }) => {
        answerLater = () => answer(paid(bill));
        socket.terminate();
      },
    });
    const paying = payer.pay({ ...bill, ...LIMITS });
    await expect.poll(() => relay.connections()).toBe(2);
    // Over the same connection, so after whatever the payment has sent there.
    await payer.balance();
    answerLater();
    expect(await paying).toMatchObject({ state: 'settled' });
    expect(sentTo(relay, 'pay_invoice')).toBe(1);
  });

  it('cut before it took a question of a harmless kind is asked again', async () => {
    let isFirst = true;
    const { payer, relay } = await scene({
      get_balance: (_request, { answer, socket }) => {
        if (isFirst) socket.terminate();
        else answer(result('get_balance', { balance: 5 }));
        isFirst = false;
      },
    });
    expect(await payer.balance()).toEqual({ spendableMsat: 5 });
    expect(sentTo(relay, 'get_balance')).toBe(2);
  });

  it('that refuses the request leaves a payment unknown, since its word proves nothing', async () => {
    const { payer } = await scene(
      {},
      { accepts: (event) => (event.tags.some(([name]) => name === 'expiration') ? 'rate-limited: slow down' : true) },
    );
    expect(await payer.pay({ ...newBill(), ...LIMITS, timeoutMs: 20_000 })).toMatchObject({
      state: 'unknown',
      detail: expect.stringContaining('rate-limited') as string,
    });
  });

  it('that serves no subscription cannot be used, and nothing is sent', async () => {
    const relay = kept(await startScriptedRelay({ serves: () => 'restricted: members only' }));
    await expect(connectNwcPayer({ uri: relay.uri, network: 'regtest' })).rejects.toMatchObject({
      code: 'WALLET_UNREACHABLE',
      detail: expect.stringContaining('members only') as string,
    });
    expect(relay.requests).toEqual([]);
  });

  it('that wants to know who asks is told by the key of the connection', async () => {
    const bill = newBill();
    const pays: WalletScript = { ...tellsBalance, pay_invoice: (_request, { answer }) => answer(paid(bill)) };
    const { payer, relay } = await scene(pays, { wantsAuth: { takes: true } });
    relay.cut();
    expect(await payer.balance()).toEqual({ spendableMsat: 21_000 });
    expect(await payer.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'settled' });
  });

  it('that does not take who asks cannot be used', async () => {
    const relay = kept(await startScriptedRelay({ wantsAuth: { takes: false } }));
    await expect(connectNwcPayer({ uri: relay.uri })).rejects.toMatchObject({
      code: 'WALLET_UNREACHABLE',
      detail: expect.stringContaining('not on the list') as string,
    });
    expect(relay.requests).toEqual([]);
  });

  it.each([
    ['500', 'Internal Server Error'],
    ['429', 'Too Many Requests'],
    ['200', '<html>welcome</html>'],
  ])('whose address answers HTTP %s cannot be used', async (status, text) => {
    const server = createServer((_request, response) => {
      response.statusCode = Number(status);
      response.end(text);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    kept({ close: async () => void server.close() });
    const uri = uriOf(newParties(), [`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`]);
    await expect(connectNwcPayer({ uri })).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE', fundsMoved: 'no' });
  });

  it('without the wallet’s info event says so at once', async () => {
    const relay = kept(await startScriptedRelay({ info: null }));
    await expect(connectNwcPayer({ uri: relay.uri })).rejects.toMatchObject({
      code: 'WALLET_UNREACHABLE',
      fundsMoved: 'no',
      detail: expect.stringContaining('info event') as string,
    });
  });

  it('that is not there fails at once, before anything is sent', async () => {
    const { payer, relay } = await scene(tellsBalance);
    await relay.close();
    await expect(payer.pay({ ...newBill(), ...LIMITS, timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'WALLET_UNREACHABLE',
      fundsMoved: 'no',
    });
    await expect(payer.balance()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
    gone(relay);
  });

  it('in plain text on another machine is refused by name', async () => {
    const uri = uriOf(newParties(), ['ws://relay.example/']);
    await expect(connectNwcPayer({ uri })).rejects.toMatchObject({ code: 'WALLET_NOT_CONFIGURED' });
  });

  it.each([
    ['forged answers', true],
    ['notices', false],
  ])('that sends endless %s is left', async (_what, isForged) => {
    let tellLeft: () => void = () => undefined;
    const left = new Promise<void>((resolve) => (tellLeft = resolve));
    const { payer } = await scene({
      pay_invoice: (_request, { socket, raw, event, send }) => {
        socket.once('close', tellLeft);
        const real = event(refusal('pay_invoice', 'RESTRICTED'));
        for (let count = 0; count < 1_000; count += 1) {
          if (isForged) send({ ...real, content: `${count}` });
          else raw(JSON.stringify(['NOTICE', 'hello']));
        }
      },
    });
    const outcome = payer.pay({ ...newBill(), ...LIMITS, timeoutMs: 1_000 });
    await left;
    expect((await outcome).state).toBe('unknown');
  });

  it('that sends one endless message is left, and the answer found when it is followed again', async () => {
    const bill = newBill();
    const { payer, relay } = await scene(
      {
        pay_invoice: (_request, { answer, raw }) => {
          raw(`["NOTICE","${'x'.repeat(300_000)}"]`);
          answer(paid(bill));
        },
      },
      { keepsAnswers: true },
    );
    expect(await payer.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'settled' });
    expect(relay.connections()).toBe(2);
  });
});
