export { agentStorePath } from './demo-purchase.js';
export { tellPurchase } from './demo-story.js';
export { chooseDemoWallets, DEMO_WALLET_KINDS, type DemoWalletOptions, type DemoWallets } from './demo-wallets.js';
export { networkOfBuyer, type RealWorld, startRealWorld } from './real-world.js';
export { type SandboxWorld, startSandboxWorld } from './sandbox-world.js';
