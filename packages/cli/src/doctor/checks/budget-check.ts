import { DEFAULT_BUDGET_SATS, DEFAULT_MAX_PER_REQUEST_SATS } from '../../pay/limits.js';
import { type Finding, fail, ok, warn, worstOf } from '../check.js';
import type { BudgetFacts, DoctorRole, NamedAmount } from '../facts/index.js';

/** Whether somebody has said what may be spent, in all and for one request. */
export function checkBudget({ total, perRequest, inStore }: BudgetFacts, role: DoctorRole): Finding {
  if (role === 'receive') return ok('The selling side spends nothing.');
  const limits = [
    capInStore(total, inStore) ?? limitOf(total, 'in all', DEFAULT_BUDGET_SATS),
    limitOf(perRequest, 'for one request', DEFAULT_MAX_PER_REQUEST_SATS),
  ];
  const findings = [...limits, ...stateOfStore(inStore)];
  return worstOf(findings, ok('Budgets are set.'));
}

function limitOf({ variable, sats }: NamedAmount, what: string, fallbackSats: number): Finding {
  if (!sats.known) return fail(`${variable} cannot be read: ${sats.why}`, `Give ${variable} whole satoshis.`);
  if (sats.value !== null) return ok(`At most ${sats.value} sats ${what} (${variable}).`);
  return warn(
    `${variable} is not set: the default of ${fallbackSats} sats ${what} holds.`,
    `Set ${variable} to what you mean, or give the option with each call.`,
  );
}

/** A client that runs now has said how much it may spend; where nothing else was said, that counts. */
function capInStore({ sats }: NamedAmount, inStore: BudgetFacts['inStore']): Finding | null {
  const isUnset = sats.known && sats.value === null;
  const capped = isUnset && inStore.known ? inStore.value.filter(({ capMsat }) => capMsat !== null) : [];
  if (capped.length === 0) return null;
  const caps = capped.map(({ budgetId, capMsat }) => `${Math.floor((capMsat ?? 0) / 1000)} sats (budget ${budgetId})`);
  return ok(`Running clients may spend at most ${caps.join(', ')}.`);
}

function stateOfStore(inStore: BudgetFacts['inStore']): Finding[] {
  if (!inStore.known)
    return [warn(`The purchase store cannot be read: ${inStore.why}`, 'Mend it: no purchase is made without it.')];
  return inStore.value.flatMap(({ budgetId, frozenReason }) =>
    frozenReason === null
      ? []
      : [
          warn(
            `The budget ${budgetId} is frozen (${frozenReason}).`,
            'Look at the payment that cost more than was reserved.',
          ),
        ],
  );
}
