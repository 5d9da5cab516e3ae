export { type OwnWallet, testWallet, type WalletTestOptions, type WalletTestReport } from './own-wallet.js';
export type { CaseResult } from './run-cases.js';
