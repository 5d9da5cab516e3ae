export type { IssuerTraits, PayerTraits } from './traits.js';
