export { type ApprovalDesk, type ApprovalDeskOptions, openApprovalDesk } from './approval-desk.js';
export { type ApprovalLine, describeApproval, describeWaiting, formatSats, strangersWords } from './describe.js';
export {
  createElicitationSlot,
  elicitByRequest,
  type Elicit,
  type ElicitationQuestion,
  type ElicitationSlot,
  offersElicitation,
  takesInputRequired,
} from './elicitation.js';
export { invoiceAsQrText } from './invoice-qr.js';
export { type ApprovalLadderOptions, createApprovalLadder } from './ladder.js';
