export { recordAt, withRecord } from './demo-record.js';
export { tellPurchase } from './demo-story.js';
export { chooseDemoWallets, DEMO_WALLET_KINDS, type DemoWalletOptions, type DemoWallets } from './demo-wallets.js';
export type { DemoWorld } from './demo-world.js';
export { startRealWorld } from './real-world.js';
export { type SandboxWorld, startSandboxWorld } from './sandbox-world.js';
