import { FFmpegError } from 'node-av/lib';
import { AVERROR_ENOMEM } from 'node-av/constants';
import { analysisError } from '../errors/analysis.errors.js';

/**
 * Passes on what a call of libav answered, unless it failed: then the error says what was being done and what libav makes of it.
 * @param doing as it is told: "scaling a picture"
 * @throws VD_ANALYSIS_LIBAV, VD_ANALYSIS_NO_MEMORY
 */
export function libavOk(status: number, doing: string): number {
  if (status >= 0) return status;
  const why = new FFmpegError(status).message;
  throw analysisError(status === AVERROR_ENOMEM ? 'VD_ANALYSIS_NO_MEMORY' : 'VD_ANALYSIS_LIBAV', `${doing}: ${why}`);
}
