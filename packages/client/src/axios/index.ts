export { findL402Error } from '../wrappers/index.js';
export { createAxiosAdapter } from './axios-adapter.js';
