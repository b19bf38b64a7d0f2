/**
 * An error with its own code. Plugins throw it for problems that an operator or caller can solve; core shows `code`, `message`
 * and `fix` unchanged. {@link defineErrors} makes them from a table.
 * @example
 *   throw new CodedError('ACME_DOOR_NO_MODEL', 'door.onnx not found in models/', 'Copy the file there, or set plugins[].config.model')
 */
export class CodedError extends Error {
  override readonly name: string = 'CodedError';
  constructor(
    readonly code: string,
    message: string,
    /** What to do about it. */
    readonly fix?: string,
    options?: { readonly cause?: unknown; readonly retryable?: boolean; readonly cost?: number | undefined },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options?.retryable ?? false;
    this.cost = options?.cost ?? 0;
  }
  readonly retryable: boolean;
  /** Money spent before the error, in the currency of the price list; for execution strategies. */
  readonly cost: number;
}

/** What all errors of one code have in common. */
export interface ErrorRow {
  /** What the reader should do about it; shown under the message. */
  readonly fix: string;
  /** Whether a later attempt may succeed without a change: core then tries again. Default: false. */
  readonly retryable?: boolean;
}

/** The cause of one error, its own fix, and its cost. */
export interface ErrorOptions {
  readonly cause?: unknown;
  /** Instead of the row's. */
  readonly fix?: string;
  /** Money spent before the error, in the currency of the price list; for execution strategies. */
  readonly cost?: number | undefined;
}

/** Creates an error with one of a table's codes; `detail` describes what happened and where. */
export interface ErrorFactory<Code extends string> {
  (code: Code, detail: string, options?: ErrorOptions): CodedError;
  /** The table, for documentation. */
  readonly rows: Readonly<Record<Code, ErrorRow>>;
}

/** The codes of a factory of {@link defineErrors}. */
export type ErrorCodeOf<Factory> = Factory extends ErrorFactory<infer Code> ? Code : never;

/**
 * Defines a plugin's errors in one table: a code, what to do about it, and whether core tries again. The table's file is `errors.ts`.
 * @returns a function that creates the errors; a code that is not in the table does not compile
 * @example
 * export const doorError = defineErrors({
 *   ACME_DOOR_NO_MODEL: { fix: 'Copy the file to models/, or set plugins[].config.model' },
 *   ACME_DOOR_CAMERA_AWAY: { fix: 'Look at the cable; Vedette tries again.', retryable: true },
 * });
 * throw doorError('ACME_DOOR_CAMERA_AWAY', `${url} does not answer`, { cause });
 */
export function defineErrors<const Rows extends Readonly<Record<string, ErrorRow>>>(rows: Rows): ErrorFactory<keyof Rows & string> {
  const make = (code: keyof Rows & string, detail: string, { fix, ...options }: ErrorOptions = {}): CodedError => {
    const row: ErrorRow = rows[code]!;
    return new CodedError(code, detail, fix ?? row.fix, { ...options, retryable: row.retryable });
  };
  return Object.assign(make, { rows });
}

/** The message of whatever was thrown: an `Error`'s message, or the value as text. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
