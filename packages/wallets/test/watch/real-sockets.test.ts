import { execFileSync } from 'node:child_process';
import { createEgress } from '@satway/egress';
import { connectLndPayer, createLndIssuer } from '@satway/wallets/lnd';
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { type WalletWatchEvent, type WatchedPayer, watchWallets } from '@satway/wallets/watch';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { withCaveat } from '../lnd/macaroons.js';
import { startTwo } from '../phoenixd/two-daemons.js';

describe('a watch over LND’s REST interface', () => {
  it('sees money go, the wallet stop, and the wallet come back', async () => {
    const network = createSandboxNetwork();
    network.addNode('seller');
    network.addNode('buyer', { balanceMsat: 100_000 });
    const egress = createEgress();
    let server = await startSandboxLndServer(network);
    const { port } = new URL(server.url);
    onTestFinished(async () => {
      await egress.close();
      await server.close();
      network.close();
    });
    const common = { url: server.url, egress };
    const payer = await connectLndPayer({ ...common, macaroonHex: server.macaroonHex('buyer', 'pay') });
    const issuer = createLndIssuer({ ...common, macaroonHex: server.macaroonHex('seller', 'invoice') });
    const events: WalletWatchEvent[] = [];
    const watch = watchWallets({
      wallets: [
        { name: 'purse', wallet: payer, balanceBelowMsat: 60_000 },
        { name: 'till', wallet: issuer },
      ],
      onEvent: (event) => events.push(event),
      unreachableAfter: 2,
      everyMs: 1_000_000,
    });
    onTestFinished(() => watch.stop());
    await watch.checkNow();

    const { invoice } = await issuer.create({ amountMsat: 50_000, description: 'one call', expirySeconds: 60 });
    network.lightning.send('buyer', { invoice, amountMsat: null, feeLimitMsat: 0 });
    await watch.checkNow();

    await server.close();
    await watch.checkNow();
    await watch.checkNow();
    server = await startSandboxLndServer(network, { port: Number(port) });
    await watch.checkNow();

    const newsOf = (name: string) =>
      events.filter(({ wallet, type }) => wallet === name && !type.startsWith('wallet_read')).map(({ type }) => type);
    expect(newsOf('purse')).toEqual(['wallet_balance_low', 'wallet_unreachable', 'wallet_back']);
    expect(newsOf('till')).toEqual(['wallet_unreachable', 'wallet_back']);
    expect(watch.states()).toMatchObject([
      { wallet: 'purse', reachable: true, balanceMsat: 50_000, balanceLow: true },
      { wallet: 'till', reachable: true },
    ]);
  });
});

describe('a watch on a payer whose credential ends', () => {
  async function watched(wallet: WatchedPayer, end: () => void) {
    const events: WalletWatchEvent[] = [];
    const watch = watchWallets({
      wallets: [{ name: 'purse', wallet }],
      onEvent: (event) => events.push(event),
      unreachableAfter: 1,
      everyMs: 1_000_000,
    });
    onTestFinished(() => watch.stop());
    await watch.checkNow();
    end();
    await watch.checkNow();
    return { states: watch.states(), last: events.at(-1) };
  }
  const refused = {
    states: [{ reachable: false, failures: 1 }],
    last: { type: 'wallet_unreachable', code: 'WALLET_PERMISSION_DENIED' },
  };

  it('tells of an LND macaroon past its time', async () => {
    const network = createSandboxNetwork();
    network.addNode('buyer', { balanceMsat: 100_000 });
    const server = await startSandboxLndServer(network);
    onTestFinished(async () => {
      vi.useRealTimers();
      await server.close();
      network.close();
    });
    const endsAtMs = Date.now() + 3_600_000;
    const caveat = `time-before ${new Date(endsAtMs).toISOString()}`;
    const macaroonHex = withCaveat(server.macaroonHex('buyer', 'pay'), caveat);
    const payer = await connectLndPayer({ url: server.url, macaroonHex });
    const found = await watched(payer, () => void vi.useFakeTimers({ toFake: ['Date'], now: endsAtMs + 1 }));
    await payer.close();
    expect(found).toMatchObject(refused);
  });

  it('tells of a password of phoenixd that was changed', async () => {
    const two = await startTwo();
    onTestFinished(() => two.close());
    const changed = { fullPassword: 'e'.repeat(64), limitedPassword: 'd'.repeat(64) };
    expect(await watched(two.payer, () => void Object.assign(two.buyer, changed))).toMatchObject(refused);
  });
});

describe('a process with a watch', () => {
  it('ends when it has nothing else to do', () => {
    const door = new URL('../../dist/watch/index.js', import.meta.url).href;
    const program = `
      import { watchWallets } from ${JSON.stringify(door)};
      const wallet = { balance: async () => ({ spendableMsat: 1 }) };
      const hangs = { balance: () => new Promise(() => undefined) };
      const onEvent = ({ type }) => process.stdout.write(type);
      watchWallets({ wallets: [{ name: 'purse', wallet }, { name: 'hangs', wallet: hangs }], onEvent });
    `;
    const told = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect(told).toBe('wallet_read');
  });
});
