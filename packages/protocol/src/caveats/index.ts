export { type Caveat, parseCaveat } from './caveat.js';
export { checkTerms, type RequestToCheck, type TermsRefusal } from './check-terms.js';
export { holderCaveats, type Narrowing } from './holder.js';
export { type MintedTerms, mintedCaveats } from './minted.js';
export { type BranchCounter, type CredentialTerms, interpretCaveats } from './terms.js';
