import type { core } from 'zod';

type Issue = core.$ZodIssue;

/** `plugins[0].analyzers["acme.door"].enabled` */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, i) =>
      typeof step === 'number' || /^\d+$/.test(String(step))
        ? `[${String(step)}]`
        : /^[A-Za-z_][\w-]*$/.test(String(step))
          ? `${i === 0 ? '' : '.'}${String(step)}`
          : `[${JSON.stringify(String(step))}]`,
    )
    .join('');
}

/** What a schema wanted, in words: the second half of "expected …, got …". */
export function expectedText(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'number'
        ? `at least ${String(issue.minimum)}`
        : `at least ${String(issue.minimum)} ${unit(issue.origin, issue.minimum)}`;
    case 'too_big':
      return issue.origin === 'number'
        ? `at most ${String(issue.maximum)}`
        : `at most ${String(issue.maximum)} ${unit(issue.origin, issue.maximum)}`;
    default:
      return issue.message;
  }
}

/** What is wrong with a value, in words. Messages of our own schemas say what is expected; those of others stand alone. */
export function problemText(issue: Issue, got: string): string {
  const own = ['invalid_type', 'invalid_value', 'too_small', 'too_big'].includes(issue.code) || /^an? /.test(issue.message);
  return own ? `expected ${expectedText(issue)}, got ${got}` : `${issue.message}, got ${got}`;
}

const unit = (origin: string, count: number | bigint): string => {
  const one = Number(count) === 1;
  if (origin === 'string') return one ? 'character' : 'characters';
  return one ? 'entry' : 'entries';
};

/** A value as it was written, short enough for a line. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The value at a path of a parsed document. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      value !== null && typeof value === 'object' && Object.hasOwn(value, step) ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    root,
  );
}
