import type { Claim, Decision, Gate, KeptAnswer, RequestFacts } from '@satway/gate';

/** A claim that does what the test says, and writes down what was done with it. */
export class ScriptedClaim implements Claim {
  readonly claimId = '00000000-0000-4000-8000-000000000000';
  readonly paymentHashHex = 'ab'.repeat(32);
  readonly priceMsat = 5_250;
  readonly model = 'per_request';
  readonly uses = 1;
  readonly maxKeptBodyBytes: number;
  readonly log: string[] = [];
  keptAnswer: KeptAnswer | null = null;
  /** Answers `capture`; replace it to fail, to lose or to hold. */
  onCapture: () => Promise<'captured' | 'lost'> = () => Promise.resolve('captured');
  onRelease: () => Promise<'released' | 'lost' | 'left_to_expire'> = () => Promise.resolve('released');
  private settledListeners: (() => void)[] = [];

  constructor(readonly keepsAnswer = false) {
    this.maxKeptBodyBytes = keepsAnswer ? 16_384 : 0;
  }

  async capture(answer: KeptAnswer | null = null): Promise<'captured' | 'lost'> {
    this.keptAnswer = answer;
    this.note('capture');
    return this.onCapture();
  }

  async release(): Promise<'released' | 'lost' | 'left_to_expire'> {
    this.note('release');
    return this.onRelease();
  }

  /** Resolves when the claim was captured or released for the first time. */
  async settled(): Promise<void> {
    if (this.log.length > 0) return;
    await new Promise<void>((resolve) => this.settledListeners.push(resolve));
  }

  private note(what: string): void {
    this.log.push(what);
    for (const listener of this.settledListeners.splice(0)) listener();
  }
}

/** A gate that lets every request through on the claim that the test gave it, or for nothing. */
export class ScriptedGate implements Gate {
  claim: ScriptedClaim | null = null;
  readsDigest = false;
  digestHex = '';
  facts: RequestFacts | null = null;
  /** Replaces the decision. */
  onDecide: (() => Promise<Decision>) | null = null;

  async decide(facts: RequestFacts): Promise<Decision> {
    this.facts = facts;
    if (this.onDecide !== null) return this.onDecide();
    if (this.readsDigest) this.digestHex = await facts.readBodyDigest();
    const { claim } = this;
    return { kind: 'grant', endpointId: 'e', grant: claim === null ? { via: 'free' } : { via: 'claim', claim } };
  }

  replaceSnapshot(): void {
    // The script has no endpoints.
  }

  revoke(): Promise<{ ok: false; code: 'CREDENTIAL_REFUSED' }> {
    return Promise.resolve({ ok: false, code: 'CREDENTIAL_REFUSED' });
  }

  admit(): number {
    return 0;
  }

  close(): void {
    // Nothing is open.
  }
}
