export {
  EVERY_METHOD,
  type PaymentOrder,
  type RelayProcess,
  startPayer,
  startRelay,
  startWalletService,
  type WalletServiceOptions,
  type WalletServiceProcess,
} from './processes.js';
export {
  type Answering,
  newParties,
  type OpenedRequest,
  type Parties,
  type RelayScript,
  type ScriptedRelay,
  startScriptedRelay,
  uriOf,
} from './scripted-relay.js';
export { startIntruder } from './intruder.js';
