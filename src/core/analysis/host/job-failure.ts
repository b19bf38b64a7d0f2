import { analysisError } from '../../errors/analysis.errors.js';
import { CodedError, errorText } from '../../plugin-api/index.js';

/** A whole job's failure as it goes to the worker. The host lives on: what it threw is named by what it is, never as the host's end. */
export function jobFailure(error: unknown): { code: string; message: string; retryable: boolean } {
  const coded = error instanceof CodedError ? error : analysisError('VD_ANALYSIS_INTERNAL', errorText(error), { cause: error });
  return { code: coded.code, message: coded.message, retryable: coded.retryable };
}
