import { type ErrorCode, SatwayError } from '@satway/base';
import { walletError } from '../rest/index.js';
import type { NostrEvent, RelayLink, Subscriber, Subscription } from './nostr/index.js';
import { INFO_KIND, readWalletInfo, type WalletInfo } from './wallet-info.js';

/** Whose info event is looked for, and for how long. */
interface InfoRequest {
  readonly walletPubkeyHex: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks every relay for the wallet's info event. The newest of the first relay that has one counts.
 *
 * @throws {SatwayError} `WALLET_UNREACHABLE` where no relay can be reached or has it, `WALLET_TIMEOUT`, `WALLET_NOT_CONFIGURED` for a relay whose
 *   address is not allowed.
 */
export function fetchWalletInfo(links: readonly RelayLink[], request: InfoRequest): Promise<WalletInfo> {
  return new Promise((resolve, reject) => new InfoSearch(links, request, resolve, reject).begin());
}

const NOWHERE = 'No relay of the connection has the wallet’s info event; is the wallet service running?';

class InfoSearch {
  readonly #links: readonly RelayLink[];
  readonly #request: InfoRequest;
  readonly #resolve: (info: WalletInfo) => void;
  readonly #reject: (error: SatwayError) => void;
  readonly #hopeless = new Set<RelayLink>();
  #subscriptions: Subscription[] = [];
  #timer: NodeJS.Timeout | null = null;
  #newest: NostrEvent | null = null;

  constructor(
    links: readonly RelayLink[],
    request: InfoRequest,
    resolve: (info: WalletInfo) => void,
    reject: (error: SatwayError) => void,
  ) {
    this.#links = links;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(): void {
    const { signal, timeoutMs } = this.#request;
    if (signal.aborted) return this.#onAbort();
    signal.addEventListener('abort', this.#onAbort);
    this.#timer = setTimeout(() => this.#fail('WALLET_TIMEOUT', NOWHERE), timeoutMs);
    this.#subscriptions = this.#links.map((link) => link.subscribe(this.#subscriberAt(link)));
  }

  readonly #onAbort = (): void => this.#fail('WALLET_UNREACHABLE', 'The connection was closed.');

  #subscriberAt(link: RelayLink): Subscriber {
    return {
      filter: { kinds: [INFO_KIND], authors: [this.#request.walletPubkeyHex], limit: 1 },
      onEvent: (event) => {
        if (this.#newest === null || event.created_at > this.#newest.created_at) this.#newest = event;
      },
      onFollowing: () => {
        if (this.#newest === null) this.#giveUp(link, 'WALLET_UNREACHABLE', NOWHERE);
        else this.#found(this.#newest);
      },
      onLost: () => undefined,
      onDown: (error) => this.#giveUp(link, walletError(error).code, error.message),
      onRefused: (reason) => this.#giveUp(link, 'WALLET_UNREACHABLE', `A relay refused it: ${reason}`),
    };
  }

  #giveUp(link: RelayLink, code: ErrorCode, why: string): void {
    this.#hopeless.add(link);
    if (this.#hopeless.size === this.#links.length) this.#fail(code, why);
  }

  #found(event: NostrEvent): void {
    this.#end();
    this.#resolve(readWalletInfo(event));
  }

  #fail(code: ErrorCode, detail: string): void {
    this.#end();
    this.#reject(new SatwayError(code, { detail }));
  }

  #end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    for (const subscription of this.#subscriptions) subscription.close();
  }
}
