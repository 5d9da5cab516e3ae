import { SECRET_VARIABLES } from '@satway/wallets/environment';

/** What was taken out of `process.env`; nobody inherits it. */
const taken = new Map<string, string>();

/** The environment with which the process was started, also after its secrets were taken out of `process.env`. Any other environment as it is. */
export function withPrivate(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return environment === process.env ? { ...Object.fromEntries(taken), ...process.env } : environment;
}

/** Takes variables out of `process.env`, so that no process that is started later inherits them; whoever reads a file again still finds them. */
export function hide(...names: readonly string[]): void {
  for (const name of names) {
    const value = process.env[name];
    if (value === undefined) continue;
    taken.set(name, value);
    delete process.env[name];
  }
}

/** For the reading of a configuration: takes out what it reads as a secret, and tells nobody. */
export const hidingWhatIsRead = { onSecretRead: (variable: string): void => hide(variable) };

/** What stands before the names of the demo's variables, one for each side. */
export const DEMO_PREFIXES = { seller: 'SELLER_', buyer: 'BUYER_' } as const;

/** Takes out the variables that hold secrets of wallets whatever a file names, those of the demo's two sides too. */
export function hideWalletSecrets(): void {
  for (const prefix of ['', ...Object.values(DEMO_PREFIXES)]) hide(...SECRET_VARIABLES.map((name) => prefix + name));
}
