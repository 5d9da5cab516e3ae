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

/** Takes out the variables that hold secrets of wallets whatever a file names. */
export function hideWalletSecrets(): void {
  hide(...SECRET_VARIABLES);
}
