import type { RunningGateway } from '@satway/gateway';
import type { WalletSettings } from '@satway/wallets/open-wallet';
import type { SunApi } from './sun-api.js';

/** All parties of one purchase: an API, a gateway in front of it, and a wallet for each side. */
export interface DemoWorld {
  readonly gateway: RunningGateway;
  readonly api: SunApi;
  /** How the agent's wallet is reached; holds its secret. */
  readonly buyer: WalletSettings;
  /** Where the agent writes its purchase down, and under which names. */
  readonly agent: DemoAgent;
  readonly priceMsat: number;
  /** What the agent may spend, fees included: in all, and for one request. */
  readonly limits: { readonly budgetSats: number; readonly maxPerRequestSats: number };
  /** Where the money moves, for a person: two lines of the story. */
  readonly lightning: { readonly where: string; readonly what: string };
  /** What the seller's own books say of a payment; 0 where they know nothing of it. */
  earnedMsat(paymentHashHex: string): Promise<number>;
  close(): Promise<void>;
}

/** Where the agent keeps what it buys. */
export interface DemoAgent {
  readonly storePath: string;
  /** `off` for a store that goes away with the demo: its key leaves nothing in a person's keychain. */
  readonly keychain?: 'off';
  readonly budgetId: string;
  readonly idempotencyKey: string;
}

/** What a request costs in the demo. */
export const DEMO_PRICE_SATS = 5;

/** What was started, to be stopped in the opposite order. */
export class Stops {
  readonly #stops: (() => unknown)[] = [];

  add(stop: () => unknown): void {
    this.#stops.push(stop);
  }

  async all(): Promise<void> {
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) await stop();
  }

  /** Runs what starts things; when it fails, what it has started by then is stopped. */
  async guard<T>(start: () => Promise<T>): Promise<T> {
    try {
      return await start();
    } catch (error) {
      await this.all();
      throw error;
    }
  }
}
