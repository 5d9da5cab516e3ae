import { isSatwayError } from '@satway/base';
import { integerOf, type Json } from '../rest/index.js';
import type { FailedPayment } from '../wallet.js';
import type { NwcService } from './nwc-service.js';

/** Which questions about its money a connection may ask. */
export interface MoneyQuestions {
  readonly balance: boolean;
  readonly budget: boolean;
}

/** As `get_info` lists the methods of the connection; none where it lists none. */
export function moneyQuestionsOf(info: Json | null): MoneyQuestions {
  const methods: readonly unknown[] = Array.isArray(info?.['methods']) ? info['methods'] : [];
  return { balance: methods.includes('get_balance'), budget: methods.includes('get_budget') };
}

/**
 * Whether wallet and budget have the amount, asked before anything is sent: afterwards a wallet's word that it has too little proves nothing, since it may have set the
 * money aside for an earlier copy of the same request. Fees are left out, as nobody knows them yet.
 *
 * @returns why nothing is sent; `null` where there is enough, or where the wallet does not tell in time.
 */
export async function refuseWithoutMoney(
  service: NwcService,
  { balance, budget }: MoneyQuestions,
  amountMsat: number,
  timeoutMs: number,
): Promise<FailedPayment | null> {
  const [spendableMsat, leftMsat] = await Promise.all([
    balance ? tell(service, 'get_balance', timeoutMs, ({ balance: told }) => told) : null,
    budget ? tell(service, 'get_budget', timeoutMs, leftOf) : null,
  ]);
  if (spendableMsat !== null && spendableMsat < amountMsat) {
    return { state: 'failed', reason: 'insufficient_balance', detail: 'The wallet holds less than the amount.' };
  }
  if (leftMsat === null || leftMsat >= amountMsat) return null;
  return {
    state: 'failed',
    reason: 'rejected_before_sending',
    detail: 'The budget of the connection has too little left.',
  };
}

/** An answer without a budget in it says that there is none. */
function leftOf(budget: Json): unknown {
  const total = integerOf(budget, 'total_budget');
  const used = integerOf(budget, 'used_budget');
  return total === null || used === null || total <= 0 || used < 0 ? null : Math.max(0, total - used);
}

async function tell(
  service: NwcService,
  method: string,
  timeoutMs: number,
  read: (answer: Json) => unknown,
): Promise<number | null> {
  try {
    const { reply } = await service.ask(method, {}, timeoutMs);
    const told = reply.ok ? read(reply.result) : null;
    return typeof told === 'number' && Number.isSafeInteger(told) && told >= 0 ? told : null;
  } catch (error) {
    if (isSatwayError(error)) return null;
    throw error;
  }
}
