import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { errorText, CodedError, type AnalysisJob, type AnalysisOutcome, type JobProgress } from 'vedette/plugin';
import { MAX_ANSWER_BYTES, MAX_LINE_BYTES, NdjsonLines, workerHostError } from 'vedette/worker-host';
import { remoteError } from '../errors.js';
import { refusedBy } from './exchange.js';
import { JobAnswer } from './job-answer.js';
import { SilenceWatch } from './silence-watch.js';

const MAX_REFUSAL_BYTES = 64 * 1024;

export interface JobRequestOptions {
  readonly hostName: string;
  readonly signal: AbortSignal;
  readonly progress?: JobProgress | undefined;
  readonly deliver: (kind: string, revision: number) => Promise<void>;
  /** Why the connection ended, once it has. */
  readonly closedFor: () => CodedError | undefined;
}

/**
 * One job on one host: sends it, reads the answer as it comes, calls it off when the signal aborts.
 * @throws VD_REMOTE_ABORTED, VD_REMOTE_LOST, VD_REMOTE_HUNG, VD_REMOTE_LIED, and what the host reports
 */
export function requestJob(session: ClientHttp2Session, job: AnalysisJob, options: JobRequestOptions): Promise<AnalysisOutcome> {
  const { hostName, signal, progress } = options;
  return new Promise((resolve, reject) => {
    let stream: ClientHttp2Stream;
    try {
      stream = session.request({ ':method': 'POST', ':path': '/v1/jobs', 'content-type': 'application/json' });
    } catch (cause) {
      reject(options.closedFor() ?? workerHostError('VD_REMOTE_LOST', `${hostName}: ${errorText(cause)}`, { cause }));
      return;
    }
    const answer = new JobAnswer(job, hostName, progress);
    const lines = new NdjsonLines(MAX_LINE_BYTES, MAX_ANSWER_BYTES);
    const refused: Buffer[] = [];
    let status = 0;
    const settle = (end: () => void): void => {
      silence.stop();
      signal.removeEventListener('abort', onAbort);
      if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
      end();
    };
    const fail = (error: unknown): void => settle(() => reject(error instanceof CodedError ? error : lied(error as Error)));
    const lied = (cause: Error): CodedError =>
      remoteError('VD_REMOTE_LIED', `${hostName} on job ${job.jobId}: ${cause.message}`, { cause });
    const onAbort = (): void => fail(remoteError('VD_REMOTE_ABORTED', `job ${job.jobId} was called off`));
    const silence = new SilenceWatch(() => fail(remoteError('VD_REMOTE_HUNG', `${hostName} has said nothing of job ${job.jobId} for 3 s`)));
    signal.addEventListener('abort', onAbort, { once: true });

    const read = (chunk: Buffer): void => {
      for (const said of lines.read(chunk)) {
        const wanted = answer.take(said);
        if (wanted !== undefined) options.deliver(wanted.kind, wanted.revision).catch(fail);
      }
    };
    stream.on('response', (headers) => (status = Number(headers[':status'])));
    stream.on('data', (chunk: Buffer) => {
      silence.heard();
      try {
        if (status === 200) read(chunk);
        else if (refused.reduce((sum, { length }) => sum + length, chunk.length) <= MAX_REFUSAL_BYTES) refused.push(chunk);
      } catch (error) {
        fail(error);
      }
    });
    stream.once('end', () => answer.outcome !== undefined && settle(() => resolve(answer.close())));
    stream.on('error', () => undefined);
    stream.once('close', () => {
      // A connection that breaks ends its streams as well: only what was closed in good order is the host's answer.
      const isBroken = session.destroyed || stream.rstCode !== constants.NGHTTP2_NO_ERROR || status === 0;
      if (isBroken) return fail(options.closedFor() ?? workerHostError('VD_REMOTE_LOST', `${hostName} broke off job ${job.jobId}`));
      if (status !== 200) return fail(refusedBy(hostName, { status, body: parsed(refused) }));
      try {
        resolve(answer.close());
      } catch (error) {
        fail(error);
      }
    });
    stream.end(JSON.stringify(job));
  });
}

function parsed(body: readonly Buffer[]): unknown {
  try {
    return JSON.parse(Buffer.concat(body).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
