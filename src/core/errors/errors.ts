import { CodedError } from '../plugin-api/error.js';

/** One row of the error table. `fix` is what the reader should do; it is printed under the message. */
export interface ErrorSpec {
  readonly title: string;
  readonly httpStatus: number;
  readonly retryable: boolean;
  readonly audience: 'operator' | 'developer' | 'user';
  readonly fix: string;
}

/** Of one error: what caused it, its own fix, and what had been spent when it happened. */
export interface ErrorOptions {
  readonly cause?: unknown;
  readonly fix?: string;
  readonly cost?: number | undefined;
}

/** Types one area's rows of the table; each area keeps its own file beside this one. */
export function defineErrors<const T extends Record<`VD_${string}`, ErrorSpec>>(rows: T): T {
  return rows;
}

/**
 * Core's coded error. `detail` says what happened where; title, status and fix come from the table's row.
 * @example throw new VedetteError('VD_CONFIG_INVALID', bootErrors, 'api.port: expected 1..65535, got 0')
 */
export class VedetteError extends CodedError {
  override readonly name = 'VedetteError';
  readonly httpStatus: number;
  readonly title: string;
  constructor(code: string, spec: ErrorSpec, detail: string, options?: ErrorOptions) {
    super(code, detail, options?.fix ?? spec.fix, { cause: options?.cause, retryable: spec.retryable, cost: options?.cost });
    this.httpStatus = spec.httpStatus;
    this.title = spec.title;
  }
}

/**
 * Binds a constructor to one area's table, so that a code cannot be misspelt.
 * @example export const mediaError = errorFactory(mediaErrors); throw mediaError('VD_MEDIA_UNREADABLE', 'no PMT in 000012.ts')
 */
export function errorFactory<T extends Record<string, ErrorSpec>>(
  rows: T,
): (code: keyof T & string, detail: string, options?: ErrorOptions) => VedetteError {
  return (code, detail, options) => {
    const spec = rows[code];
    if (spec === undefined) throw new Error(`Unknown error code ${code}`);
    return new VedetteError(code, spec, detail, options);
  };
}
