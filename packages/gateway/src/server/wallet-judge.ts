import { type ErrorCode, isSatwayError } from '@satway/base';
import type { WalletConfig } from '../config/index.js';
import type { Logger } from '../logs/index.js';
import { InspectionRetry } from './inspection-retry.js';
import type { SaleGuard } from './sale-guard.js';
import {
  allowsEverything,
  judgeInspection,
  type JudgedCredential,
  judgeOffline,
  maybeTooPowerful,
  tooPowerful,
} from './wallet-powers.js';

/** So long a start waits for a wallet to tell what its credential may do. */
const START_WAIT_MS = 5_000;

/** What came of asking a wallet. */
type Heard = { readonly judged: JudgedCredential } | { readonly unanswered: ErrorCode };

/**
 * Sees to it that no gateway sells with a credential that can spend, unless the configuration names that power. Nothing is sold with a wallet before there
 * is a verdict on its credential: from what the credential itself tells, before the start, else from what the wallet tells, which is asked until it has told.
 * A power of which the wallet does not tell is judged like one that is there, and asked for again.
 */
export class WalletJudge {
  readonly #name: string;
  readonly #config: WalletConfig;
  readonly #guard: SaleGuard;
  readonly #logger: Logger;
  readonly #retry = new InspectionRetry(() => this.#askAgain());
  #asking: Promise<Heard> | null = null;
  /** The wallet has told all there is to know. */
  #isJudged = false;
  /** Sold with, by what the credential or the configuration says. */
  #sells = false;
  /** What was said last, so that it is said once. */
  #said = '';

  constructor(name: string, config: WalletConfig, guard: SaleGuard, logger: Logger) {
    this.#name = name;
    this.#config = config;
    this.#guard = guard;
    this.#logger = logger;
  }

  /** @throws {SatwayError} `WALLET_TOO_POWERFUL` for a credential that can spend. A wallet that does not tell sells nothing until it does. */
  async beforeStart(): Promise<void> {
    const offline = judgeOffline(this.#config);
    if (offline !== null && offline.forbidden.length > 0) throw tooPowerful(this.#name, offline);
    if (offline !== null || allowsEverything(this.#config)) this.#sell();
    const heard = await within(START_WAIT_MS, this.#ask());
    if ('judged' in heard && heard.judged.forbidden.length > 0) throw tooPowerful(this.#name, heard.judged);
    this.#take(heard);
    if ('unanswered' in heard && offline !== null) this.#tellExcess(offline);
  }

  /** The wallet answers: judged now, where it could not be before. Never rejects. */
  async afterAnswer(): Promise<void> {
    if (!this.#isJudged) this.#take(await this.#ask());
  }

  /** It is asked no more. */
  stop(): void {
    this.#isJudged = true;
    this.#retry.stop();
  }

  async #askAgain(): Promise<void> {
    if (!this.#isJudged) this.#take(await this.#ask());
  }

  /** One question at a time. */
  #ask(): Promise<Heard> {
    this.#asking ??= this.#inspect().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #inspect(): Promise<Heard> {
    try {
      return { judged: judgeInspection(await this.#guard.wallet.inspect(), this.#config) };
    } catch (error) {
      return { unanswered: isSatwayError(error) ? error.code : 'INTERNAL' };
    }
  }

  #take(heard: Heard): void {
    if (this.#isJudged) return;
    if ('unanswered' in heard) this.#tellUnanswered(heard.unanswered);
    else if (heard.judged.forbidden.length > 0) return this.#forbid(heard.judged);
    else if (heard.judged.inDoubt.length === 0) return this.#accept(heard.judged);
    else this.#withhold(heard.judged);
    this.#retry.schedule();
  }

  #forbid(judged: JudgedCredential): void {
    this.stop();
    const error = tooPowerful(this.#name, judged);
    this.#guard.forbid(error);
    this.#logger.error(
      { wallet: this.#name, code: error.code, error, detail: error.detail },
      'the wallet credential can spend: no invoice is made with it any more; what was paid for is honoured',
    );
  }

  #withhold(judged: JudgedCredential): void {
    const error = maybeTooPowerful(this.#name, judged);
    this.#guard.forbid(error);
    this.#sells = false;
    if (!this.#isNew(error.detail ?? error.code)) return;
    this.#logger.error(
      { wallet: this.#name, code: error.code, error, detail: error.detail },
      'nobody can tell whether the wallet credential can spend: nothing is sold with it; what was paid for is honoured',
    );
  }

  #accept(judged: JudgedCredential): void {
    const wasWaitedFor = !this.#sells && this.#said !== '';
    this.stop();
    this.#sell();
    if (wasWaitedFor) {
      this.#logger.info({ wallet: this.#name }, 'the wallet has told what its credential may do: it is sold with now');
    }
    this.#tellExcess(judged);
    this.#tellMissing(judged);
  }

  #sell(): void {
    this.#sells = true;
    this.#guard.allow();
  }

  #tellUnanswered(code: ErrorCode): void {
    const soFar = this.#sells ? 'what is known of it allows to sell' : 'nothing is sold with it until it has told';
    const text = `the wallet cannot be asked what its credential may do: ${soFar}; it is asked again`;
    if (this.#isNew(text + code)) this.#logger.warn({ wallet: this.#name, code }, text);
  }

  #isNew(said: string): boolean {
    const isNew = said !== this.#said;
    this.#said = said;
    return isNew;
  }

  /** Without the look-up a payment that is to be confirmed never can be: who has paid is turned away. */
  #tellMissing({ missing, howToNarrow }: JudgedCredential): void {
    if (missing.length === 0) return;
    this.#logger.warn(
      { wallet: this.#name, missing, fix: howToNarrow },
      'the wallet credential lacks what selling needs: buyers may be refused, those who have paid too',
    );
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

/** What was heard, or that the wallet is late. */
async function within(limitMs: number, work: Promise<Heard>): Promise<Heard> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Heard>((resolve) => {
    timer = setTimeout(() => resolve({ unanswered: 'WALLET_TIMEOUT' }), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
