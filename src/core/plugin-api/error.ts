/**
 * An error with a code of its own. Plugins throw these for what an operator or caller can mend; core shows `code`, `message`
 * and `fix` as they are.
 * @example throw new CodedError('ACME_DOOR_NO_MODEL', 'Model door.onnx not found in models/', 'Copy the file there, or set plugins[].config.model')
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
