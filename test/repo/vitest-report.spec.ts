import { describe, expect, it } from 'vitest';
import { failuresIn, failureText, filesOf } from '../../scripts/lib/vitest-report.mjs';

const test = (fullName: string, status: string, failureMessages: string[] = []) => ({ fullName, status, failureMessages });
const report = (...testResults: unknown[]) => JSON.stringify({ testResults });

describe('what a run of Vitest says of what failed', () => {
  const failures = failuresIn(
    report(
      { name: '/project/test/a.spec.ts', status: 'failed', message: '', assertionResults: [test('a works', 'passed'), test('a fails', 'failed', ['\x1b[31mno\x1b[39m']), test('a fails too', 'failed', ['no'])] }, // prettier-ignore
      { name: '/project/test/b.spec.ts', status: 'failed', message: 'Cannot find module', assertionResults: [] },
      { name: '/project/test/c.spec.ts', status: 'passed', message: '', assertionResults: [test('c waits', 'pending')] },
    ),
    '/project',
  );

  it('names each test that failed, and each file that could not be run', () => {
    expect(failures).toEqual([
      { file: 'test/a.spec.ts', name: 'a fails', why: 'no' },
      { file: 'test/a.spec.ts', name: 'a fails too', why: 'no' },
      { file: 'test/b.spec.ts', name: '(the file itself)', why: 'Cannot find module' },
    ]);
  });

  it('has each file once to be run again', () => {
    expect(filesOf(failures)).toEqual(['test/a.spec.ts', 'test/b.spec.ts']);
  });

  it('shows of a long message what it begins with', () => {
    const [failure] = failuresIn(
      report({ name: '/project/d.spec.ts', status: 'failed', message: '', assertionResults: [test('d', 'failed', [Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n')])] }), // prettier-ignore
      '/project',
    );
    expect(failureText(failure!)).toBe(
      '  d.spec.ts\n    d\n      line 0\n      line 1\n      line 2\n      line 3\n      line 4\n      line 5\n',
    );
  });

  it('knows nothing of a Vitest that died before its report', () => {
    expect(failuresIn('', '/project')).toEqual([]);
  });
});
