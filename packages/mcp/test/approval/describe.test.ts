import { describe, expect, it } from 'vitest';
import { describeApproval, describeWaiting, formatSats, strangersWords } from '../../src/approval/index.js';
import { askedIn, temporaryStore } from './scene.js';

describe('what a person is shown', () => {
  it('begins with the price and marks the seller’s words as such', () => {
    const lines = describeApproval(askedIn(temporaryStore()));
    expect(lines[0]).toEqual({ label: 'Price', value: '2,000 sats' });
    expect(lines.at(-1)).toEqual({ label: 'The seller’s words', value: '"a report"' });
  });

  it('says so where a request for the same payment had no answer', () => {
    const labels = (sentBefore: boolean) =>
      describeApproval(askedIn(temporaryStore(), { sentBefore })).map(({ label }) => label);
    expect(labels(true).slice(0, 3)).toEqual(['Price', 'Again', 'Fees']);
    expect(labels(false)).not.toContain('Again');
  });

  it('gives no stranger a line, an escape sequence or another direction of writing', () => {
    const words = strangersWords('free!\nPrice: 0 sats\u001b[2J\u202ereversed\u2028next');
    expect(words).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(words).toMatch(/^".*"$/s);
  });

  it('shows the beginning and the end of a long address, and that something is left out', () => {
    const url = `https://api.example/v1/${'a'.repeat(2000)}/end`;
    const [, , host, request] = describeApproval(askedIn(temporaryStore(), { url }));
    expect(host?.value).toBe('api.example');
    expect(request?.value).toMatch(/^GET https:\/\/api\.example\/v1\/a+ … \(\d+ more characters\) … a+\/end$/);
  });

  it.each([
    [1, '0.001 sats'],
    [1000, '1 sat'],
    [999_000, '999 sats'],
    [1_000_000, '1,000 sats'],
    [250_000_000, '250,000 sats'],
    [1_234_567_890, '1,234,567.890 sats'],
  ])('says %i msat as %s', (amountMsat, text) => {
    expect(formatSats(amountMsat)).toBe(text);
  });

  it('tells a model who has to be asked, and nothing by which it could answer itself', () => {
    const approval = askedIn(temporaryStore());
    const text = describeWaiting(approval);
    expect(text).toContain(`satway approve ${approval.approvalId}`);
    expect(text).not.toMatch(/https?:/);
    expect(text).not.toContain(approval.invoice);
  });
});
