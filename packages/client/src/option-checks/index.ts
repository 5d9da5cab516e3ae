export { namesOf, type OptionGroup, refuseUnknownOptions } from './unknown-options.js';
