import type { Say } from '../i18n/texts';

/** Says texts without Angular, for tests: `{{name}}` is replaced as Transloco does it. */
export function sayOf<T extends object>(texts: T): Say<T> {
  const say = (key: string, params: Readonly<Record<string, string | number>> = {}): string => {
    const text = key.split('.').reduce<unknown>((branch, part) => (branch as Record<string, unknown>)[part], texts);
    return String(text).replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => String(params[name] ?? ''));
  };
  const count = (key: string, number: number, params = {}): string =>
    say(`${key}.${number === 1 ? 'one' : 'other'}`, { ...params, count: number });
  return Object.assign(say, { count }) as unknown as Say<T>;
}
