import pino from 'pino';
import type { Logger } from '../plugin-api/index.js';
import { PrettyLines } from './pretty-lines.js';
import { redact, redactText } from './redact.js';

/** Nest token of the role's {@link VedetteLogger}; global. */
export { LOGGER } from '../plugin-api/plugin-logger.js';

/** The plugin API's logger that can also be narrowed to a component. */
export interface VedetteLogger extends Logger {
  /** A logger whose every line carries `fields`, e.g. `{ component: 'watcher' }`. */
  child(fields: Record<string, unknown>): VedetteLogger;
}

export interface LoggerOptions {
  readonly role: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'pretty' | 'json';
  /** Where lines go; standard output when absent. */
  readonly destination?: { write(line: string): unknown };
}

/**
 * The one logger of a role. Every message and field is redacted before it is written: keys, tokens and passwords, also inside
 * URLs and errors.
 * @example createLogger({ role: 'worker', level: 'info', format: 'json' }).info('Segment done', { segmentId: '12' })
 */
export function createLogger(options: LoggerOptions): VedetteLogger {
  const output = options.destination ?? process.stdout;
  const destination = options.format === 'pretty' ? new PrettyLines(output) : output;
  const sink = pino(
    {
      level: options.level,
      base: { role: options.role, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void destination.write(line) },
  );
  return new PinoLogger(sink, {});
}

class PinoLogger implements VedetteLogger {
  constructor(
    private readonly sink: pino.Logger,
    private readonly bound: Record<string, unknown>,
  ) {}

  debug(message: string, fields?: Record<string, unknown>): void {
    if (this.sink.isLevelEnabled('debug')) this.sink.debug(this.safe(fields), redactText(message));
  }
  info(message: string, fields?: Record<string, unknown>): void {
    if (this.sink.isLevelEnabled('info')) this.sink.info(this.safe(fields), redactText(message));
  }
  warn(message: string, fields?: Record<string, unknown>): void {
    if (this.sink.isLevelEnabled('warn')) this.sink.warn(this.safe(fields), redactText(message));
  }
  error(message: string, fields?: Record<string, unknown>): void {
    this.sink.error(this.safe(fields), redactText(message));
  }
  child(fields: Record<string, unknown>): VedetteLogger {
    return new PinoLogger(this.sink, { ...this.bound, ...fields });
  }

  private safe(fields: Record<string, unknown> | undefined): object {
    return redact({ ...this.bound, ...fields }) as object;
  }
}
