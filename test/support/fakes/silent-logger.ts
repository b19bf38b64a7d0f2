import type { VedetteLogger } from '../../../src/core/observability/logger.js';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Record<string, unknown> | undefined;
}

/** Prints nothing, remembers all. */
export class SilentLogger implements VedetteLogger {
  constructor(readonly lines: LogLine[] = []) {}
  debug(message: string, fields?: Record<string, unknown>): void {
    this.lines.push({ level: 'debug', message, fields });
  }
  info(message: string, fields?: Record<string, unknown>): void {
    this.lines.push({ level: 'info', message, fields });
  }
  warn(message: string, fields?: Record<string, unknown>): void {
    this.lines.push({ level: 'warn', message, fields });
  }
  error(message: string, fields?: Record<string, unknown>): void {
    this.lines.push({ level: 'error', message, fields });
  }
  child(): SilentLogger {
    return this;
  }

  /** The lines of one level, oldest first. */
  said(level: LogLine['level']): LogLine[] {
    return this.lines.filter((line) => line.level === level);
  }
}
