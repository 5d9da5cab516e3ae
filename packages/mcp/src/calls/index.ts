export {
  type AnswerFolder,
  type KeptAnswer,
  type KeptPart,
  MAX_ANSWER_BYTES,
  openAnswerFolder,
} from './answer-folder.js';
export { type CredentialFolder, type KeptCredential, openCredentialFolder } from './credential-folder.js';
export type { Attendance, BoughtCredential, Call, CallEnd, CallRequest, CallStep } from './call.js';
export { type AskingCall, type CallTable, createCallTable, type MakeApprover, paymentOf } from './call-table.js';
export { type Waited, type WaitOptions, waitForCall } from './wait-for-call.js';
