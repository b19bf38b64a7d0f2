/**
 * An error with a code of its own. Plugins throw these for what an operator or caller can mend; core shows `code`, `message`
 * and `fix` as they are. {@link defineErrors} makes them from a table.
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
  /** What had been spent when it happened, in the currency of the price list; for execution strategies. */
  readonly cost: number;
}

/** What holds of every error of one code. */
export interface ErrorRow {
  /** What the reader should do about it; shown under the message. */
  readonly fix: string;
  /** It may pass by itself: core tries again. Default: false. */
  readonly retryable?: boolean;
}

/** What holds of one error: what caused it, what it alone asks to be done, and what had been spent when it happened. */
export interface ErrorOptions {
  readonly cause?: unknown;
  /** Instead of the row's. */
  readonly fix?: string;
  /** In the currency of the price list; for execution strategies. */
  readonly cost?: number | undefined;
}

/** Makes an error of one of a table's codes; `detail` says what happened where. */
export interface ErrorFactory<Code extends string> {
  (code: Code, detail: string, options?: ErrorOptions): CodedError;
  /** The table, for documentation. */
  readonly rows: Readonly<Record<Code, ErrorRow>>;
}

/** The codes that a factory of {@link defineErrors} makes errors of. */
export type ErrorCodeOf<Factory> = Factory extends ErrorFactory<infer Code> ? Code : never;

/**
 * A plugin's errors, each said once: a code, what to do about it, and whether it passes by itself. The file that holds them is
 * `errors.ts`.
 * @returns makes them; a code that is not in the table does not compile
 * @example
 * export const doorError = defineErrors({
 *   ACME_DOOR_NO_MODEL: { fix: 'Copy the file to models/, or set plugins[].config.model' },
 *   ACME_DOOR_CAMERA_AWAY: { fix: 'Look at the cable; it is tried again.', retryable: true },
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

/** What an error says, whatever was thrown. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
