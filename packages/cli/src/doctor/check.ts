/** `ok`: nothing to do. `warn`: works, and somebody should look. `fail`: money or a secret is at risk, or it will not work. */
export type Verdict = 'ok' | 'warn' | 'fail';

/** One line of the checklist; holds no secret. */
export interface Check {
  readonly id: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly detail: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly fix: string;
}

/** What a check says, without its name. */
export type Finding = Omit<Check, 'id'>;

export function ok(detail: string): Finding {
  return { verdict: 'ok', detail, fix: '' };
}

export function warn(detail: string, fix: string): Finding {
  return { verdict: 'warn', detail, fix };
}

export function fail(detail: string, fix: string): Finding {
  return { verdict: 'fail', detail, fix };
}

const SEVERITY: Readonly<Record<Verdict, number>> = { ok: 0, warn: 1, fail: 2 };

/** Several findings as one: the worst decides, and what is fine is told only where all is. */
export function worstOf(findings: readonly Finding[], otherwise: Finding): Finding {
  const bySeverity = findings.toSorted((a, b) => SEVERITY[b.verdict] - SEVERITY[a.verdict]);
  const [worst] = bySeverity;
  if (worst === undefined) return otherwise;
  const told = worst.verdict === 'ok' ? bySeverity : bySeverity.filter(({ verdict }) => verdict !== 'ok');
  return { verdict: worst.verdict, detail: joined(told, 'detail'), fix: joined(told, 'fix') };
}

function joined(findings: readonly Finding[], part: 'detail' | 'fix'): string {
  return [...new Set(findings.map((finding) => finding[part]))].filter((text) => text !== '').join(' ');
}
