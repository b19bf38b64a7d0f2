/** Structured logging; `fields` are searchable, secrets are redacted by core. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Nest token of the role's logger. */
export const LOGGER = Symbol.for('vedette.logger');
