/** What the server calls itself in the `initialize` answer. */
export const SERVER_NAME = 'satway';
