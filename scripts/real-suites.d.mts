/** What vitest's JSON reporter writes, as far as it is read. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export interface SuiteCounts {
  passed: number;
  failed: number;
}

export const EXPECTED_SUITES: readonly string[];
export function suiteOf(file: string): string;
export function countSuites(report: VitestReport | null, expected: readonly string[]): Record<string, SuiteCounts>;
export function total(suites: Record<string, SuiteCounts>): SuiteCounts;
