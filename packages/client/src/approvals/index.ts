export {
  type Approval,
  type ApprovalDecision,
  type ApprovalFacts,
  type ApprovalRefusal,
  type Approvals,
  type ApprovalState,
} from './approval.js';
export { createApprovals } from './sqlite-approvals.js';
export { isApprovalId } from './approval-id.js';
