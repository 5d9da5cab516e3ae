export { findCredential } from './find-credential.js';
