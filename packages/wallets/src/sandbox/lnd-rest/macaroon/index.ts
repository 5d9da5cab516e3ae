export { type Admission, MacaroonDesk } from './macaroon-desk.js';
export type { MacaroonKind } from './macaroon-kind.js';
