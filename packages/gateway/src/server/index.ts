export { type GatewayOptions, type RunningGateway, startGateway } from './start-gateway.js';
export { checkWalletPowers } from './wallet-powers.js';
