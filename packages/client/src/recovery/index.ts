export { releaseAbandoned } from './abandoned.js';
export { type RecoveryReport, recover } from './recover.js';
export { type Resolution, resolve } from './resolve.js';
export { settleFailed } from './settle-failed.js';
export {
  type ManualDecision,
  type ManualEnd,
  settleUnresolved,
  type UnresolvedFinding,
  type UnresolvedParts,
} from './unresolved.js';
