export type {
  BudgetFacts,
  DoctorFacts,
  DoctorRole,
  DotenvFacts,
  FileFacts,
  GatewayFacts,
  NamedAmount,
  PlainSecret,
  SigningKeyFacts,
  SpendingPower,
  UnreadFile,
  UnresolvedFacts,
  WalletFacts,
} from './facts.js';
export { type DoctorOptions, gatherFacts } from './gather-facts.js';
export type { Learned } from './learned.js';
