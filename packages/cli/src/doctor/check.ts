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

/** Several findings as one: the worst decides, and only those that are that bad are told. */
export function worstOf(findings: readonly Finding[], otherwise: Finding): Finding {
  const worst = Math.max(-1, ...findings.map(({ verdict }) => SEVERITY[verdict]));
  const told = findings.filter(({ verdict }) => SEVERITY[verdict] === worst);
  const [first] = told;
  if (first === undefined) return otherwise;
  return { verdict: first.verdict, detail: joined(told, 'detail'), fix: joined(told, 'fix') };
}

function joined(findings: readonly Finding[], part: 'detail' | 'fix'): string {
  return [...new Set(findings.map((finding) => finding[part]))].filter((text) => text !== '').join(' ');
}
