import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, INVOICE_KEY, json, startLnbitsServer } from '../../../wallets/test/lnbits/lnbits-server.js';
import { runSatway, startSatway } from '../run-satway.js';
import { readTold, startWalletSandbox, type WalletSandbox } from '../wallet-sandbox.js';

let sandbox: WalletSandbox;
beforeAll(async () => {
  sandbox = await startWalletSandbox();
});
afterAll(() => sandbox.close());

/** Stands in a wallet's place until somebody has asked in vain. */
async function refuseOneCaller(port: number): Promise<void> {
  const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  await once(server, 'connection');
  server.close();
  await once(server, 'close');
}

const run = async (args: readonly string[], environment: Record<string, string>) =>
  readTold(await runSatway(['wallet', ...args], environment));

describe('satway wallet', () => {
  it.each(['inspect', 'balance', 'invoice', 'pay', 'look-up', 'test'])('helps with %s, by examples', async (verb) => {
    const { code, stdout } = await runSatway(['wallet', verb, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: satway wallet /);
    expect(stdout).toContain('Examples:');
  });

  it.each([
    [['invoice']],
    [['invoice', '0']],
    [['invoice', '1.5']],
    [['invoice', '1', '--expiry', '0']],
    [['pay', 'lnbcrt1qqqqqq']],
    [['inspect', '--role', 'own']],
    [['look-up', 'abc']],
    [['look-up', '--incoming']],
    [['test', '--max-sats', '-1']],
  ])('ends with 2 when it is called wrongly: %j', async (args) => {
    const { code, stdout } = await run(args, sandbox.environment('buyer', 'pay'));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('ends with 2 and names the variables when no wallet is named, and with 6 when it is not there', async () => {
    const none = await run(['balance', '--json'], { LND_REST_HOST: '', LND_MACAROON: '' });
    expect({ code: none.code, error: none.errors[0]?.['code'] }).toEqual({ code: 2, error: 'WALLET_NOT_CONFIGURED' });
    expect(none.stderr).toContain('LND_REST_HOST');
    const environment = { ...sandbox.environment('buyer', 'pay'), LND_REST_HOST: 'http://127.0.0.1:1' };
    const gone = await run(['balance', '--json'], environment);
    expect({ code: gone.code, error: gone.errors[0]?.['code'] }).toEqual({ code: 6, error: 'WALLET_UNREACHABLE' });
  });
});

describe('satway wallet inspect', () => {
  it('takes whichever key of LNbits the environment names, and of two the one that allows more', async () => {
    const server = await startLnbitsServer();
    const judge = async (keys: Record<string, string>) => {
      const none = { LNBITS_ADMIN_KEY: '', LNBITS_INVOICE_KEY: '', LND_REST_HOST: '', LND_MACAROON: '' };
      const { events } = await run(['inspect', '--json'], { ...none, LNBITS_URL: server.url, ...keys });
      return events[0];
    };
    const [admin, invoice] = [{ LNBITS_ADMIN_KEY: ADMIN_KEY }, { LNBITS_INVOICE_KEY: INVOICE_KEY }];
    expect(await judge(invoice)).toMatchObject({
      kind: 'lnbits',
      can: { pay: false, createInvoice: true },
      excess: [],
    });
    expect(await judge(admin)).toMatchObject({ kind: 'lnbits', can: { pay: true } });
    expect(await judge({ ...admin, ...invoice })).toMatchObject({ can: { pay: true } });
    await server.close();
  });

  it('says that it cannot tell where a credential does not show what it allows', async () => {
    const server = await startLnbitsServer();
    server.routes.wallet = () => json(200, { name: 'w', balance: 0, id: '../x' });
    const environment = { LND_REST_HOST: '', LND_MACAROON: '', LNBITS_URL: server.url, LNBITS_ADMIN_KEY: ADMIN_KEY };
    const inspect = (...more: string[]) => run(['inspect', '--role', 'receive', ...more], environment);
    const { events } = await inspect('--json');
    expect(events[0]).toMatchObject({ can: { pay: null, administer: null }, excess: null });
    const { stdout } = await inspect();
    expect(stdout).toContain('could not be found out');
    expect(stdout).not.toContain('allows nothing beyond');
    await server.close();
  });

  it('prints one object of five fields, by the largest role of the credential', async () => {
    const { code, stdout, events } = await sandbox.wallet('inspect');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(Object.keys(events[0] ?? {})).toEqual(['kind', 'network', 'can', 'excess', 'howToNarrow']);
    expect(events[0]).toMatchObject({
      kind: 'lnd',
      network: 'regtest',
      can: { pay: true, createInvoice: false, read: true, administer: false },
      excess: [],
      howToNarrow: expect.stringContaining('SendPaymentV2') as string,
    });
  });

  it('judges a credential by the role that it is for', async () => {
    const environment = sandbox.environment('seller', 'admin');
    const judge = async (...role: string[]) => (await run(['inspect', '--json', ...role], environment)).events[0];
    const [asPayer, asReceiver, asReader] = await Promise.all([
      judge(),
      judge('--role', 'receive'),
      judge('--role', 'read'),
    ]);
    expect(asPayer?.['howToNarrow']).toMatch(/SendPaymentV2/);
    expect(asReceiver?.['howToNarrow']).toMatch(/AddInvoice/);
    expect(asReader?.['howToNarrow']).not.toMatch(/SendPaymentV2|AddInvoice/);
    for (const seen of [asPayer, asReceiver, asReader]) expect(seen?.['excess']).not.toEqual([]);
  });

  it('takes an invoice-only credential for one that receives, from a file whatever the environment names', async () => {
    const file = sandbox.walletFile('seller', 'invoice');
    const { events } = await sandbox.wallet('inspect', '--wallet-file', file);
    expect(events[0]).toMatchObject({
      can: { pay: false, createInvoice: true },
      excess: [],
      howToNarrow: expect.stringContaining('AddInvoice') as string,
    });
  });

  it('tells a person what is allowed too much and how to narrow it, and no secret', async () => {
    const environment = sandbox.environment('seller', 'admin');
    const { stdout } = await run(['inspect', '--role', 'receive'], environment);
    expect(stdout).toMatch(/administer +yes/);
    expect(stdout).toMatch(/Beyond what it takes to be paid: .*macaroon:generate/);
    expect(stdout).toMatch(/lncli bakemacaroon/);
    expect(stdout).not.toContain(environment.LND_MACAROON?.slice(0, 40));
  });
});

describe('satway wallet balance', () => {
  it('tells what can be spent, in millisatoshis for programs and in sats for people', async () => {
    const { events } = await sandbox.wallet('balance');
    expect(events[0]).toMatchObject({ kind: 'lnd', network: 'regtest', spendableMsat: 10_000_000 });
    const people = await run(['balance'], sandbox.environment('buyer', 'pay'));
    expect(people.stdout).toMatch(/^It can spend 10000 sats \(regtest\)\.\n/);
  });

  it('says by its code that the credential may not ask', async () => {
    const { code, errors } = await run(['balance', '--json'], sandbox.environment('seller', 'invoice'));
    expect({ code, error: errors[0]?.['code'] }).toEqual({ code: 1, error: 'WALLET_PERMISSION_DENIED' });
  });
});

describe('satway wallet invoice', () => {
  it('makes an invoice of that many satoshis, or millisatoshis', async () => {
    const environment = sandbox.environment('seller', 'invoice');
    const { code, events } = await run(['invoice', '7', '--description', 'two coffees', '--json'], environment);
    expect(code).toBe(0);
    expect(events[0]).toMatchObject({ event: 'invoice', amountMsat: 7000, network: 'regtest' });
    const small = await run(['invoice', '1500', '--msat', '--json'], environment);
    expect(small.events[0]).toMatchObject({ amountMsat: 1500 });
    const people = await run(['invoice', '7'], environment);
    expect(people.stdout).toMatch(/^lnbcrt70n1[a-z0-9]+\n$/);
  });

  it('waits until it is paid, and says what came in', async () => {
    const child = startSatway(['wallet', 'invoice', '9', '--wait', '--json'], sandbox.environment('seller', 'invoice'));
    const lines: Record<string, unknown>[] = [];
    for await (const chunk of child.stdout) {
      const told = readTold({ code: 0, stdout: String(chunk), stderr: '' }).events;
      lines.push(...told);
      const { invoice, paymentHash } = told[0] ?? {};
      if (typeof invoice !== 'string') continue;
      const request = { invoice, paymentHashHex: String(paymentHash), amountMsat: 9000, feeLimitMsat: 0 };
      await sandbox.network.node('other').payer.pay({ ...request, timeoutMs: 5000 });
    }
    expect(lines).toMatchObject([{ event: 'invoice' }, { event: 'settled', amountReceivedMsat: 9000 }]);
  });

  it('goes on waiting while the wallet is away', async () => {
    const network = createSandboxNetwork();
    const payer = network.addNode('buyer', { balanceMsat: 100_000 }).payer;
    network.addNode('seller');
    const first = await startSandboxLndServer(network, { tls: false });
    const environment = { LND_REST_HOST: first.url, LND_MACAROON: first.macaroonHex('seller', 'invoice') };
    const child = startSatway(['wallet', 'invoice', '9', '--wait', '--json'], environment);
    const lines = createInterface({ input: child.stdout });
    const [line] = (await once(lines, 'line')) as [string];
    const { invoice, paymentHash } = JSON.parse(line) as { invoice: string; paymentHash: string };
    await first.close();
    const port = Number(new URL(first.url).port);
    await refuseOneCaller(port);
    const request = { invoice, paymentHashHex: paymentHash, amountMsat: 9000, feeLimitMsat: 0, timeoutMs: 5000 };
    expect((await payer.pay(request)).state).toBe('settled');
    const told = once(lines, 'line') as Promise<[string]>;
    const second = await startSandboxLndServer(network, { tls: false, port });
    expect(JSON.parse((await told)[0])).toMatchObject({ event: 'settled', amountReceivedMsat: 9000 });
    await second.close();
    network.close();
  });

  it('ends with 1 when it expired unpaid', async () => {
    const environment = sandbox.environment('seller', 'invoice');
    const { code, events } = await run(['invoice', '9', '--expiry', '1', '--wait', '--json'], environment);
    expect(code).toBe(1);
    expect(events[1]).toMatchObject({ event: 'closed' });
  });

  it('is looked up by its hash', async () => {
    const environment = sandbox.environment('seller', 'invoice');
    const issued = await sandbox.invoice();
    const open = await run(['look-up', issued.paymentHashHex, '--incoming', '--json'], environment);
    expect({ code: open.code, state: open.events[0]?.['state'] }).toEqual({ code: 1, state: 'open' });
    await sandbox.network.node('other').payer.pay({ ...issued, feeLimitMsat: 0, timeoutMs: 5000 });
    const paid = await run(['look-up', issued.paymentHashHex.toUpperCase(), '--incoming', '--json'], environment);
    expect(paid.code).toBe(0);
    expect(paid.events[0]).toMatchObject({ state: 'settled', amountReceivedMsat: 5000 });
    expect(paid.stdout).not.toMatch(/preimage/i);
  });
});
