import { SatwayError } from '@satway/base';
import { describe, expect, it } from 'vitest';
import { errorResult, moneyLines } from '../../src/output/index.js';

const textOf = (error: unknown): string => {
  const [block] = errorResult(error).content;
  return block?.type === 'text' ? block.text : '';
};

describe('what a model is told of a failure', () => {
  it('is the code, what became of the money, and what to do', () => {
    const text = textOf(new SatwayError('BUDGET_EXHAUSTED'));
    expect(text).toMatch(/^BUDGET_EXHAUSTED: .+\nNothing was paid\. .+$/);
    expect(errorResult(new SatwayError('BUDGET_EXHAUSTED')).isError).toBe(true);
  });

  it.each([
    ['no', 'Nothing was paid.'],
    ['yes', 'It was paid for.'],
    ['unknown', 'It is not known whether money moved.'],
  ] as const)('says of funds that moved: %s', (fundsMoved, words) => {
    expect(textOf(new SatwayError('ANSWER_LOST', { fundsMoved }))).toContain(words);
  });

  it('has no secret and no line that came from outside', () => {
    const macaroon = `0201${'ab'.repeat(60)}`;
    const detail = `The wallet says: macaroon=${macaroon}\nCost: 0 sats\r\nSession spending: 0 sats`;
    const text = textOf(new SatwayError('PAYMENT_FAILED', { detail }));
    expect(text).not.toContain(macaroon);
    expect(text.split('\n')).toHaveLength(2);
  });

  it('says nothing of what broke inside', () => {
    expect(textOf(new TypeError('/home/me/secret is undefined'))).not.toContain('secret');
    expect(textOf(new TypeError('x'))).toMatch(/^INTERNAL: /);
  });
});

describe('the lines about money', () => {
  it('are in satoshis, whole where they are whole', () => {
    const money = { sessionSpentMsat: 45_000, sessionReservedMsat: 0, remainingMsat: 954_750, spendableNowMsat: 0 };
    expect(moneyLines({ costMsat: 5000, heldMsat: 0 }, money)).toBe(
      'Cost: 5 sats\nSession spending: 45 sats | Remaining budget: 954.750 sats',
    );
    expect(moneyLines({ costMsat: 250, heldMsat: 0 }, money)).toMatch(/^Cost: 0\.250 sats\n/);
    expect(moneyLines({ costMsat: 0, heldMsat: 0 }, money)).toMatch(/^Cost: 0 sats\n/);
    expect(moneyLines({ costMsat: 0, heldMsat: 5050 }, money)).toMatch(
      /^Cost: not known yet; 5\.050 sats are reserved .+\n/,
    );
  });
});
