import { constants } from 'node:os';
import { FFmpegError } from 'node-av/lib';
import {
  AVERROR_EOF,
  AVERROR_HTTP_BAD_REQUEST,
  AVERROR_HTTP_FORBIDDEN,
  AVERROR_HTTP_NOT_FOUND,
  AVERROR_HTTP_OTHER_4XX,
  AVERROR_HTTP_SERVER_ERROR,
  AVERROR_HTTP_UNAUTHORIZED,
  AVERROR_INVALIDDATA,
} from 'node-av/constants';
import type { MediaFailure, MediaFailureKind } from '../../plugin-api/index.js';

const { ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ECONNRESET, EPIPE } = constants.errno;

const KINDS: ReadonlyMap<number, MediaFailureKind> = new Map<number, MediaFailureKind>([
  [AVERROR_EOF, 'ended'],
  [-ECONNRESET, 'ended'],
  [-EPIPE, 'ended'],
  [-ECONNREFUSED, 'refused'],
  [-ETIMEDOUT, 'timeout'],
  [-EHOSTUNREACH, 'unreachable'],
  [-ENETUNREACH, 'unreachable'],
  [AVERROR_HTTP_UNAUTHORIZED, 'unauthorised'],
  [AVERROR_HTTP_FORBIDDEN, 'forbidden'],
  [AVERROR_HTTP_NOT_FOUND, 'not-found'],
  [AVERROR_HTTP_BAD_REQUEST, 'rejected'],
  [AVERROR_HTTP_OTHER_4XX, 'rejected'],
  [AVERROR_HTTP_SERVER_ERROR, 'rejected'],
  [AVERROR_INVALIDDATA, 'invalid'],
]);

/** What libav's answer means; its own log lines, which hold URLs, are no part of it. */
export function failureOf(status: number): MediaFailure {
  return { kind: KINDS.get(status) ?? 'rejected', detail: new FFmpegError(status).message };
}
