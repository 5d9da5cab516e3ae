export { startTestPostgres, type TestPostgres } from './start-postgres.mjs';
export { createTestDatabase, runOnce, type TestDatabase } from './test-database.js';
