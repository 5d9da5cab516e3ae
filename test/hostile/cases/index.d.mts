/** A case as a test sees it; `naive` says what a buyer that believes everything is caught at. */
export interface HostileCase {
  readonly name: string;
  readonly approvedMsat: number;
  readonly naive: 'overpaid' | 'leaked' | null;
}

export const hostileCases: readonly HostileCase[];
