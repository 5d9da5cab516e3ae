export { type Confirmation, SettlementDesk, type SettlementDeskOptions, type WalletAnswer } from './settlement-desk.js';
