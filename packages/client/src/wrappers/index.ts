export { findL402Error } from './find-l402-error.js';
export { createPayingFetch } from './paying-fetch.js';
