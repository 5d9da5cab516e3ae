/** Lines of a message that are told; the whole of it stands further up, where the test ran. */
const TOLD_LINES = 3;

/**
 * What failed in a run, a line for each test and one for each file that could not be read: `✗ <file> › <test>: <first lines>`.
 * @param {{ testResults?: { name: string, status: string, message?: string, assertionResults: { status: string, fullName: string, failureMessages?: string[] }[] }[] } | null} report vitest's JSON report
 * @param {string} root the folder that the files' names are told from, with its last slash
 * @returns {string[]}
 */
export function failedTests(report, root) {
  return (report?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = name.replace(root, '');
    const failed = assertionResults
      .filter((test) => test.status !== 'passed')
      .map(
        (test) =>
          `✗ ${file} › ${test.fullName}: ${test.status === 'failed' ? brief(test.failureMessages?.[0]) : 'skipped'}`,
      );
    return failed.length === 0 && status === 'failed' ? [`✗ ${file}: ${brief(message)}`] : failed;
  });
}

function brief(message = '') {
  return message.split('\n').slice(0, TOLD_LINES).join(' ').slice(0, 400);
}
