export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of a role's log, with the lines that belong to it. */
export interface LogEntry {
  /** As it is written: a time of day in pretty lines, ISO 8601 in JSON; UTC. Null where something else wrote the line. */
  readonly at: string | null;
  readonly level: LogLevel | null;
  /** Role, or role/component. */
  readonly who: string | null;
  readonly text: string;
}

const PRETTY = /^(\d\d:\d\d:\d\d\.\d{3}) (DEBUG|INFO|WARN|ERROR) +\[([^\]]{1,200})\] (.*)$/;
/** What {@link PrettyLines} puts before the lines of an error, and V8 before those of a stack. */
const BELONGS = /^\s{2,}/;

/** Reads what roles wrote, in either format; a line of something else, such as a native library, is an entry without a level. */
export function logEntries(text: string): LogEntry[] {
  const entries: LogEntry[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const before = entries.at(-1);
    if (BELONGS.test(line) && before !== undefined) entries[entries.length - 1] = { ...before, text: `${before.text}\n${line}` };
    else entries.push(entryOf(line));
  }
  return entries;
}

function entryOf(line: string): LogEntry {
  const pretty = PRETTY.exec(line);
  if (pretty !== null) {
    const [, at = '', level = '', who = '', text = ''] = pretty;
    return { at, level: level.toLowerCase() as LogLevel, who, text };
  }
  return jsonEntry(line) ?? { at: null, level: null, who: null, text: line };
}

function jsonEntry(line: string): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { time, level, role, component, msg, pid: _, ...fields } = JSON.parse(line) as Record<string, unknown>;
    if (typeof time !== 'string' || !LOG_LEVELS.includes(level as LogLevel)) return undefined;
    const rest = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
    const who = component === undefined ? String(role) : `${String(role)}/${String(component)}`;
    return { at: time, level: level as LogLevel, who, text: `${String(msg)}${rest}` };
  } catch {
    return undefined;
  }
}

/** Those of at least that level; lines without one are kept with the entries that they stand among only where all are. */
export function atLeast(entries: readonly LogEntry[], level: LogLevel): LogEntry[] {
  const least = LOG_LEVELS.indexOf(level);
  return entries.filter((entry) => (entry.level === null ? least === 0 : LOG_LEVELS.indexOf(entry.level) >= least));
}
