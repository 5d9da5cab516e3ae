export {
  EVERY_METHOD,
  type RelayProcess,
  startRelay,
  startWalletService,
  type WalletServiceOptions,
  type WalletServiceProcess,
} from './processes.js';
export {
  type Answering,
  newParties,
  type OpenedRequest,
  type RelayScript,
  type ScriptedRelay,
  startScriptedRelay,
  uriOf,
} from './scripted-relay.js';
