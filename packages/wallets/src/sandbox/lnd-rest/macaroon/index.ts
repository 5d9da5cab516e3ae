export { type Admission, MacaroonDesk } from './macaroon-desk.js';
export type { MacaroonKind, Permission } from './permissions.js';
