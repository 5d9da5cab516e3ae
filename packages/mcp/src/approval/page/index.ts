export { type ApprovalPage, openApprovalPage } from './approval-page.js';
