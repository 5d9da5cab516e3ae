import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BitcoinNetwork, ReceivingWallet } from '@satway/wallets';
import { connectPayingWallet, openReceivingWallet, type WalletSettings } from '@satway/wallets/open-wallet';
import { DEMO_PRICE_SATS, type DemoWorld, Stops } from './demo-world.js';
import { openShop } from './open-shop.js';
import { startSunApi } from './sun-api.js';

/** How a world around two real wallets is set up. */
export interface RealWorldOptions {
  readonly seller: WalletSettings;
  readonly buyer: WalletSettings;
  /** What the story may cost in all, fees included. */
  readonly maxSats: number;
  /** Of the gateway; 0 for any. */
  readonly port: number;
  /** Where folders of this run go. */
  readonly home: string;
}

/** A world with real wallets: what it spends is spent. */
export interface RealWorld extends DemoWorld {
  /** Removes what the agent wrote down. Not for a payment of which nobody knows the end: the record is how to find out. */
  forgetAgent(): void;
}

/** On which network the buyer's wallet is, before anything is spent. @throws {SatwayError} the codes of `InvoiceIssuer`. */
export async function networkOfBuyer(buyer: WalletSettings): Promise<BitcoinNetwork> {
  const wallet = await connectPayingWallet(buyer);
  await wallet.close();
  return wallet.network;
}

/** Starts the API and the gateway around the two wallets. What was started is stopped when something fails. */
export async function startRealWorld(options: RealWorldOptions): Promise<RealWorld> {
  const stops = new Stops();
  return stops.guard(() => assemble(options, stops));
}

async function assemble({ seller, buyer, maxSats, port, home }: RealWorldOptions, stops: Stops): Promise<RealWorld> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const shopFolder = mkdtempSync(join(home, 'demo-shop-'));
  stops.add(() => rmSync(shopFolder, { recursive: true, force: true }));
  const api = await startSunApi(Date.now);
  stops.add(() => api.close());
  const gateway = await openShop(shopFolder, { api, wallet: seller, allowSpending: true, port });
  stops.add(() => gateway.close());
  const books = await openReceivingWallet(seller);
  stops.add(() => books.close());
  const agentFolder = mkdtempSync(join(home, 'demo-agent-'));
  return {
    gateway,
    api,
    buyer,
    agentFolder,
    priceMsat: DEMO_PRICE_SATS * 1000,
    limits: { budgetSats: maxSats, maxPerRequestSats: maxSats },
    lightning: { where: 'the wallets of the two', what: `${seller.kind} sells, ${buyer.kind} buys` },
    earnedMsat: (paymentHashHex) => earnedMsat(books, paymentHashHex),
    forgetAgent: () => rmSync(agentFolder, { recursive: true, force: true }),
    close: () => stops.all(),
  };
}

async function earnedMsat(books: ReceivingWallet, paymentHashHex: string): Promise<number> {
  const invoice = await books.lookUp(paymentHashHex);
  return invoice.state === 'settled' ? invoice.amountReceivedMsat : 0;
}
