import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { ReceivingWallet } from '@satway/wallets';
import { openReceivingWallet, type WalletSettings } from '@satway/wallets/open-wallet';
import { onStopSignal } from '../on-stop-signal.js';
import { DEMO_PRICE_SATS, type DemoWorld, Stops } from './demo-world.js';
import { openShop } from './open-shop.js';
import { openShopFolder } from './shop-folder.js';
import { startSunApi } from './sun-api.js';

/** How a world around two real wallets is set up. */
export interface RealWorldOptions {
  readonly seller: WalletSettings;
  readonly buyer: WalletSettings;
  /** The seller's credential may be one that can spend. */
  readonly allowSpending: boolean;
  /** What the story may cost in all, fees included. */
  readonly maxSats: number;
  /** Of the gateway; 0 for any. */
  readonly port: number;
  /** Where the folder of this run goes. */
  readonly home: string;
  /** The agent's purchase stands among all others of this user, where whoever looks for it will look. */
  readonly storePath: string;
}

/** Starts the API and the gateway around the two wallets: what this world spends is spent. What was started is stopped when something fails. */
export async function startRealWorld(options: RealWorldOptions): Promise<DemoWorld> {
  const stops = new Stops();
  return stops.guard(() => assemble(options, stops));
}

async function assemble(options: RealWorldOptions, stops: Stops): Promise<DemoWorld> {
  const { seller, buyer, allowSpending, maxSats, port, home, storePath } = options;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const shop = openShopFolder(home);
  stops.add(() => shop.remove());
  // It has the keys of the shop in it.
  stops.add(onStopSignal(() => shop.remove()));
  const api = await startSunApi(Date.now);
  stops.add(() => api.close());
  const gateway = await openShop(shop.path, { api, wallet: seller, allowSpending, port });
  stops.add(() => gateway.close());
  const books = await openReceivingWallet(seller);
  stops.add(() => books.close());
  return {
    gateway,
    api,
    buyer,
    agent: { storePath, budgetId: 'demo', idempotencyKey: randomUUID() },
    priceMsat: DEMO_PRICE_SATS * 1000,
    limits: { budgetSats: maxSats, maxPerRequestSats: maxSats },
    lightning: { where: 'the wallets of the two', what: `${seller.kind} sells, ${buyer.kind} buys` },
    earnedMsat: (paymentHashHex) => earnedMsat(books, paymentHashHex),
    close: () => stops.all(),
  };
}

async function earnedMsat(books: ReceivingWallet, paymentHashHex: string): Promise<number> {
  const invoice = await books.lookUp(paymentHashHex);
  return invoice.state === 'settled' ? invoice.amountReceivedMsat : 0;
}
