export type { Check, Verdict } from './check.js';
export { type DoctorOptions, type DoctorRole, gatherFacts } from './facts/index.js';
export { judgeFacts } from './judge.js';
