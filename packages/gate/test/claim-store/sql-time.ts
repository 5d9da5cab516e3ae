/** SQL that moves everything the store remembers into the past, as if that much time had gone by. For a superuser. */
export function letSqlTimePass(ms: number): string {
  const back = `interval '1 millisecond' * ${ms}`;
  return `
    UPDATE satway.payments SET rest_until = rest_until - ${back}, keep_until = keep_until - ${back};
    UPDATE satway.claims SET lease_until = lease_until - ${back};
    UPDATE satway.answers SET answer_until = answer_until - ${back} WHERE answer_until IS NOT NULL;
    UPDATE satway.revocations SET keep_until = keep_until - ${back};
  `;
}
