/** Kept by hand for `test/repo/vitest-report.spec.ts`; the script runs without a build. */
export interface Failure {
  readonly file: string;
  readonly name: string;
  readonly why: string;
}
export function failuresIn(report: string, root: string): Failure[];
export function filesOf(failures: readonly Failure[]): string[];
export function failureText(failure: Failure): string;
