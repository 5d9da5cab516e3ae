export function failedTests(
  report: {
    testResults?: {
      name: string;
      status: string;
      message?: string;
      assertionResults: { status: string; fullName: string; failureMessages?: string[] }[];
    }[];
  } | null,
  root: string,
): string[];
