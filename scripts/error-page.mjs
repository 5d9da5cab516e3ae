/** The page of errors: a heading for each code, so that a person who searches for the code lands on what to do. */
export function renderErrorPage(tableByRoom) {
  const head = [
    '# Errors',
    '',
    'Every error of Satway has a stable code. It says whether funds moved, and what to do next. This page is written from the',
    'table in `packages/base/src/errors/table/` by `npm run docs:errors`; a test fails when it is stale.',
    '',
  ];
  return [...head, ...Object.entries(tableByRoom).flatMap(renderRoom)].join('\n');
}

function renderRoom([room, rows]) {
  const entries = Object.entries(rows);
  return entries.length === 0 ? [] : [`## From \`${room}\``, '', ...entries.flatMap(renderRow)];
}

function renderRow([code, { message, httpStatus, fundsMoved, nextStep }]) {
  const status = httpStatus === null ? 'none' : String(httpStatus);
  return [
    `### ${code}`,
    '',
    message,
    '',
    `- Funds moved: ${fundsMoved}`,
    `- HTTP status: ${status}`,
    `- What to do: ${nextStep}`,
    '',
  ];
}
