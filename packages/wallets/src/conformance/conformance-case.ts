/**
 * What a case needs beside the wallet: somebody on the other side who issues or pays (`counterpart`), an invoice that can be cancelled, a payment that
 * can be held in flight, a wallet that calls back, one that refuses to pay twice, one that keeps a fee limit.
 */
export type ConformanceNeed = 'counterpart' | 'cancel' | 'hold' | 'onSettled' | 'refusesSecondPayment' | 'boundsFees';

/** One promise of a wallet, put to the test. */
export interface ConformanceCase<Subject> {
  /** A sentence about what the wallet does. */
  readonly name: string;
  readonly needs: readonly ConformanceNeed[];
  /** The amounts of the payments that it sends, in millisatoshis, whether they should succeed or not; the fees come on top. Empty where it pays nothing. */
  readonly sendsMsat: (subject: Subject) => Promise<readonly number[]>;
  /** Done when the promise is kept. @throws {SatwayError} `WALLET_PROMISE_BROKEN`, and whatever the wallet throws. */
  readonly run: (subject: Subject) => Promise<void>;
}

/** How a case is written down. */
export interface CaseOptions<Subject> {
  readonly needs?: readonly ConformanceNeed[];
  readonly sendsMsat?: readonly number[] | ((subject: Subject) => Promise<readonly number[]>);
}

export function defineCase<Subject>(
  name: string,
  { needs = [], sendsMsat = [] }: CaseOptions<Subject>,
  run: (subject: Subject) => Promise<void>,
): ConformanceCase<Subject> {
  const sends = typeof sendsMsat === 'function' ? sendsMsat : async () => sendsMsat;
  return { name, needs, sendsMsat: sends, run };
}
