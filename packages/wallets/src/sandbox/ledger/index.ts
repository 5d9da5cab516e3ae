export { SandboxLedger } from './ledger.js';
export type {
  InvoiceRecord,
  InvoiceRecordState,
  NodeRecord,
  PaymentRecord,
  PaymentRecordState,
  SandboxFailureReason,
} from './records.js';
