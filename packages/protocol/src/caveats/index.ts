export { type Caveat, type CaveatKey, parseCaveat } from './caveat.js';
export { checkTerms, type TermsCheck, type TermsRefusal, type TermsRequest } from './check-terms.js';
export { HOLDER_CAVEATS, type HolderLimits, holderCaveats } from './holder-caveats.js';
export { type MintedTerms, mintedCaveats } from './minted-caveats.js';
export { type CounterTerm, type CredentialTerms, interpretCaveats } from './terms.js';
