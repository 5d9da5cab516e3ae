import { type ErrorCode, isSatwayError } from '@satway/base';
import type { WalletConfig } from '../config/index.js';
import type { Logger } from '../logs/index.js';
import type { SaleGuard } from './sale-guard.js';
import { judgeInspection, judgeOffline, type JudgedCredential, tooPowerful } from './wallet-powers.js';

/** So long a start waits for a wallet to tell what its credential may do. */
const START_WAIT_MS = 5_000;

/**
 * Sees to it that no gateway sells with a credential that can spend, unless the configuration names that power. What the credential itself tells is judged
 * before the start; what only the wallet can tell is judged as soon as it answers, and then a start is refused, or new sales stop.
 */
export class WalletJudge {
  readonly #name: string;
  readonly #config: WalletConfig;
  readonly #guard: SaleGuard;
  readonly #logger: Logger;
  #asking: Promise<JudgedCredential> | null = null;
  #isJudged = false;

  constructor(name: string, config: WalletConfig, guard: SaleGuard, logger: Logger) {
    this.#name = name;
    this.#config = config;
    this.#guard = guard;
    this.#logger = logger;
  }

  /** @throws {SatwayError} `WALLET_TOO_POWERFUL`. A wallet that does not answer is judged later. */
  async beforeStart(): Promise<void> {
    const offline = judgeOffline(this.#config);
    if (offline !== null && offline.forbidden.length > 0) throw tooPowerful(this.#name, offline);
    const judged = await within(START_WAIT_MS, this.#ask());
    if ('unanswered' in judged) return this.#startInDoubt(offline, judged.unanswered);
    if (judged.forbidden.length > 0) throw tooPowerful(this.#name, judged);
    this.#accept(judged);
  }

  /** The wallet answers: judged now, where it could not be before. Never rejects. */
  async afterAnswer(): Promise<void> {
    if (this.#isJudged) return;
    const judged = await this.#ask().catch(() => null);
    if (judged === null || this.#isJudged) return;
    if (judged.forbidden.length > 0) this.#stopSales(judged);
    else this.#accept(judged);
  }

  #ask(): Promise<JudgedCredential> {
    this.#asking ??= this.#inspect().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #inspect(): Promise<JudgedCredential> {
    return judgeInspection(await this.#guard.wallet.inspect(), this.#config);
  }

  #startInDoubt(offline: JudgedCredential | null, code: ErrorCode): void {
    this.#logger.warn(
      { wallet: this.#name, code },
      'the wallet cannot be asked what its credential may do; it is asked again as soon as it answers',
    );
    if (offline !== null) this.#tellExcess(offline);
  }

  #stopSales(judged: JudgedCredential): void {
    this.#isJudged = true;
    const error = tooPowerful(this.#name, judged);
    this.#guard.forbid(error);
    this.#logger.error(
      { wallet: this.#name, code: error.code, error },
      'the wallet credential can spend: no invoice is made with it any more; what was paid for is honoured',
    );
  }

  #accept(judged: JudgedCredential): void {
    this.#isJudged = true;
    if (judged.isInDoubt)
      this.#logger.warn({ wallet: this.#name }, 'the wallet does not tell whether its credential can pay');
    this.#tellExcess(judged);
  }

  /** What a thief of this gateway could do with the credential. */
  #tellExcess({ excess, howToNarrow }: JudgedCredential): void {
    if (excess.length === 0) return;
    this.#logger.warn(
      { wallet: this.#name, powers: excess, fix: howToNarrow },
      'the wallet credential can do more than receive',
    );
  }
}

/** The code of what kept the wallet from telling, also where it is late. @throws what is no answer of a wallet. */
async function within<T extends object>(
  limitMs: number,
  work: Promise<T>,
): Promise<T | { readonly unanswered: ErrorCode }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ unanswered: ErrorCode }>((resolve) => {
    timer = setTimeout(() => resolve({ unanswered: 'WALLET_TIMEOUT' }), limitMs);
  });
  const told = work.catch((error: unknown) => {
    if (isSatwayError(error)) return { unanswered: error.code };
    throw error;
  });
  return Promise.race([told, late]).finally(() => clearTimeout(timer));
}
