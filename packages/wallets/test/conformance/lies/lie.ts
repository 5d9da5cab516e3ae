import type { SandboxNetwork } from '@satway/wallets/sandbox';

/** A wallet of the sandbox that does something else than it should. */
export interface Lie<Wallet> {
  readonly lie: string;
  /** The case that must find it. */
  readonly caughtBy: string;
  readonly tell: (honest: Wallet, network: SandboxNetwork) => Wallet;
}

/** The same wallet with some of its calls replaced; getters keep working. */
export function replacing<Wallet extends object>(honest: Wallet, calls: Partial<Wallet>): Wallet {
  return Object.create(honest, Object.getOwnPropertyDescriptors(calls)) as Wallet;
}
