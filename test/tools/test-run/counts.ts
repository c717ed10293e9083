/** What a stage of the test run found. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** One line for each failure that the stage's own output does not show as a failed test. */
  readonly notes: readonly string[];
}

/** One passed, or one failed for the given reason. */
export function countOne(failure: string | undefined): Counts {
  if (failure === undefined) return { passed: 1, failed: 0, notes: [] };
  return { passed: 0, failed: 1, notes: [failure] };
}

/** The sum of all stages. */
export function sumCounts(all: readonly Counts[]): Counts {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    notes: all.flatMap(({ notes }) => notes),
  };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly VitestFile[];
}

interface VitestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

/**
 * Counts a vitest run from its JSON report and exit code. What vitest does not count as a failed test is
 * counted here: a file that could not be loaded, a test that was skipped, and a run that ended badly
 * without any of these. No report at all is one failure.
 */
export function countVitest(reportText: string | undefined, exitCode: number): Counts {
  const report = reportText === undefined ? undefined : parseReport(reportText);
  if (report === undefined) return countOne(`vitest ended with code ${exitCode} before it could count`);
  const notes: string[] = [];
  for (const file of report.testResults) {
    const isUnloaded =
      file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed');
    if (isUnloaded) notes.push(`${file.name} failed as a whole: ${firstLine(file.message)}`);
    for (const test of file.assertionResults) {
      if (test.status !== 'passed' && test.status !== 'failed') {
        notes.push(
          `${file.name}: "${test.fullName}" did not run (${test.status}); a skipped test proves nothing`,
        );
      }
    }
  }
  const failed = report.numFailedTests + notes.length;
  if (failed > 0) return { passed: report.numPassedTests, failed, notes };
  if (report.numPassedTests === 0) return countOne('there is no test to run');
  if (exitCode === 0) return { passed: report.numPassedTests, failed: 0, notes: [] };
  const note = `vitest ended with code ${exitCode} although no test failed (see above)`;
  return { passed: report.numPassedTests, failed: 1, notes: [note] };
}

function parseReport(text: string): VitestReport | undefined {
  try {
    const report: unknown = JSON.parse(text);
    if (typeof report !== 'object' || report === null || !('testResults' in report)) return undefined;
    // Vitest's own JSON report, whose shape it documents as stable (that of Jest).
    return report as VitestReport;
  } catch {
    return undefined;
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
