import { redactText } from '@satway/base';
import { DEFAULT_BUDGET_SATS } from '../pay/limits.js';
import { type Check, type Finding, fail, warn, worstOf } from './check.js';
import {
  checkBalance,
  checkBudget,
  checkCertificate,
  checkClock,
  checkCustody,
  checkDedicated,
  checkDotenv,
  checkFiles,
  checkKeyAge,
  checkLookUp,
  checkNetwork,
  checkPlainSecrets,
  checkReachable,
  checkScope,
  checkStore,
  checkTls,
  checkUnresolved,
  type JobMoney,
} from './checks/index.js';
import type { DoctorFacts, WalletFacts } from './facts/index.js';

type Judge = (facts: DoctorFacts) => Finding;

/** The checklist, in the order in which it is printed. The ids are a promise. */
const CHECKS: Readonly<Record<string, Judge>> = {
  'wallet-reachable': forEachWallet(checkReachable, (why) =>
    fail(why, 'Mend what it names, or name one wallet as “satway doctor --help” says.'),
  ),
  network: forEachWallet(checkNetwork),
  'dedicated-wallet': forEachWallet((wallet, { role, budget }) => checkDedicated(wallet, role, jobMoneyOf(budget))),
  'credential-scope': forEachWallet((wallet, { role }) => checkScope(wallet, role)),
  budget: ({ budget, role }) => checkBudget(budget, role),
  'secrets-in-config': ({ plainSecrets, unread }) => checkPlainSecrets(plainSecrets, unread),
  dotenv: ({ dotenv }) => checkDotenv(dotenv),
  'file-permissions': checkFiles,
  'balance-at-risk': judgeBalance,
  'key-age': ({ gateway, nowMs }) => checkKeyAge(gateway, nowMs),
  'tls-verification': ({ tlsUnchecked }) => checkTls(tlsUnchecked),
  'tls-certificate': forEachWallet((wallet, { nowMs }) => checkCertificate(wallet, nowMs)),
  clock: forEachWallet(checkClock),
  'payment-look-up': forEachWallet((wallet, { role }) => checkLookUp(wallet, role)),
  'unresolved-payments': ({ unresolved }) => checkUnresolved(unresolved),
  'store-durability': (facts) => checkStore(facts.gateway, networksOf(facts)),
  custody: forEachWallet(checkCustody),
};

/** Judges every line of the checklist; one that breaks says so, and hides none of the others. */
export function judgeFacts(facts: DoctorFacts): Check[] {
  return Object.entries(CHECKS).map(([id, judge]) => {
    const { verdict, detail, fix } = judgeOne(judge, facts);
    return { id, verdict, detail, fix };
  });
}

function judgeOne(judge: Judge, facts: DoctorFacts): Finding {
  try {
    return judge(facts);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return warn(`This could not be judged: ${redactText(why)}`, 'Look at it yourself, and report this.');
  }
}

/** A seller may have several wallets: the worst one decides. */
function forEachWallet(
  judge: (wallet: WalletFacts, facts: DoctorFacts) => Finding,
  withoutWallet = (_why: string): Finding => warn('Not known without a wallet.', 'Name a wallet first.'),
): Judge {
  return (facts) => {
    if (!facts.wallets.known) return withoutWallet(facts.wallets.why);
    return worstOf(
      facts.wallets.value.map((wallet) => judge(wallet, facts)),
      withoutWallet('No wallet is named.'),
    );
  };
}

function judgeBalance(facts: DoctorFacts): Finding {
  const { variable, sats } = facts.maxBalance;
  if (!sats.known) return fail(`${variable} cannot be read: ${sats.why}`, `Give ${variable} whole satoshis.`);
  const maxSats = sats.value;
  return forEachWallet((wallet) => checkBalance(wallet, maxSats))(facts);
}

function jobMoneyOf({ total, inStore }: DoctorFacts['budget']): JobMoney {
  const budgetSats = (total.sats.known ? total.sats.value : null) ?? DEFAULT_BUDGET_SATS;
  const spentMsat = inStore.known ? inStore.value.reduce((sum, budget) => sum + budget.spentMsat, 0) : null;
  return { budgetMsat: budgetSats * 1000, spentMsat };
}

function networksOf({ wallets }: DoctorFacts) {
  if (!wallets.known) return [];
  return wallets.value.map(({ network, configuredNetwork }) => network ?? configuredNetwork);
}
