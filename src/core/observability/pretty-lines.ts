/** Fields that the head of a pretty line already shows, or that say nothing to a person at a terminal. */
const HEAD = new Set(['level', 'time', 'role', 'pid', 'msg', 'component', 'err', 'error']);

/** Turns pino's JSON lines into lines for a person: time, level, role and component, message, `key=value`. */
export class PrettyLines {
  constructor(private readonly output: { write(line: string): unknown }) {}

  write(line: string): void {
    this.output.write(format(line));
  }
}

function format(line: string): string {
  const record = JSON.parse(line) as Record<string, unknown>;
  const time = String(record.time).slice(11, 23);
  const level = String(record.level).toUpperCase().padEnd(5);
  const who = record.component === undefined ? String(record.role) : `${String(record.role)}/${String(record.component)}`;
  const fields = Object.entries(record)
    .filter(([key, value]) => !HEAD.has(key) && value !== undefined)
    .map(([key, value]) => ` ${key}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join('');
  return `${time} ${level} [${who}] ${String(record.msg ?? '')}${fields}${errorLines(record.error ?? record.err)}\n`;
}

function errorLines(error: unknown): string {
  if (error === undefined || error === null) return '';
  if (typeof error !== 'object') return ` error=${String(error)}`;
  const { code, message, fix, stack, cause } = error as Record<string, unknown>;
  // A coded error explains itself; a stack helps only where nobody foresaw the error.
  const coded = typeof code === 'string' && code.startsWith('VD_');
  const text = coded ? `${code}: ${String(message)}` : String(stack ?? message ?? JSON.stringify(error));
  return [text, typeof fix === 'string' ? `fix: ${fix}` : '', cause === undefined ? '' : `cause: ${errorLines(cause).trim()}`]
    .filter((part) => part !== '')
    .flatMap((part) => part.split('\n'))
    .map((part) => `\n    ${part}`)
    .join('');
}
