import { CodedError, type ErrorOptions, type ErrorRow } from '../plugin-api/error.js';

/** One row of core's error table: a plugin's, and what the API says beyond it. */
export interface ErrorSpec extends ErrorRow {
  readonly title: string;
  readonly httpStatus: number;
  readonly retryable: boolean;
  readonly audience: 'operator' | 'developer' | 'user';
}

/** Types one area's rows of the table; each area keeps its own file beside this one. */
export function errorTable<const T extends Record<`VD_${string}`, ErrorSpec>>(rows: T): T {
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
