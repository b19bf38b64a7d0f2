import { constants, type ServerHttp2Stream } from 'node:http2';
import { loadavg } from 'node:os';
import type { AnalysisHostPool, AnalysisJob, JobProgress, Logger } from '../plugin-api/index.js';
import { workerHostError } from './protocol/errors.js';
import { BEAT_MS, MAX_JOB_BYTES, MAX_REFERENCES_BYTES } from './protocol/limits.js';
import { jobMessage, type HostStatus } from './protocol/messages.js';
import { decodeReferences } from './protocol/reference-bytes.js';
import { answerLines, refusalOf } from './answer.js';
import { LineWriter } from './line-writer.js';
import { ReferenceInbox, type ReferenceStore } from './reference-inbox.js';
import { readBody, readJson } from './request-body.js';
import { errorText } from '../plugin-api/error.js';

/** Jobs that are taken for each that can be under way at once; more would only wait. */
const JOBS_PER_PLACE = 8;
const MIN_JOBS = 16;

/** How many jobs one connection has under way. */
export interface Tally {
  jobs: number;
}

/** What workers that proved themselves may ask for. */
export class JobDesk {
  private jobs = 0;
  private readonly inbox: ReferenceInbox;

  constructor(
    private readonly pool: AnalysisHostPool,
    references: ReferenceStore,
    private readonly logger: Logger,
  ) {
    this.inbox = new ReferenceInbox(references);
  }

  /** POST /v1/jobs: takes a job, answers line by line. A stream that is reset calls it off. */
  async takeJob(stream: ServerHttp2Stream, tally: Tally): Promise<void> {
    const calledOff = new AbortController();
    stream.once('close', () => calledOff.abort());
    const job = parseJob(await readJson(stream, MAX_JOB_BYTES));
    if (job.segment.url === undefined) throw workerHostError('VD_REMOTE_REFUSED', 'a job without the address of its segment');
    const most = Math.max(MIN_JOBS, this.pool.load().capacity * JOBS_PER_PLACE);
    if (this.jobs >= most) throw workerHostError('VD_REMOTE_BUSY', `${this.jobs} jobs are under way or waiting`);
    this.jobs++;
    tally.jobs++;
    stream.respond({ ':status': 200, 'content-type': 'application/x-ndjson' });
    const lines = new LineWriter(stream);
    let waiting = true;
    const tell = (): void => lines.beat({ type: 'heartbeat', waiting });
    const turned = (isWaiting: boolean): void => {
      waiting = isWaiting;
      tell();
    };
    const beat = setInterval(tell, BEAT_MS);
    try {
      await lines.write({ type: 'accepted' });
      await this.answer(job, lines, calledOff.signal, { waits: () => turned(true), begins: () => turned(false) });
    } catch (error) {
      if (calledOff.signal.aborted) return;
      this.logger.warn('A job of a worker failed', { jobId: job.jobId, error });
      await lines.write({ type: 'failed', ...refusalOf(error) });
    } finally {
      clearInterval(beat);
      this.jobs--;
      tally.jobs--;
      stream.end();
    }
  }

  /** POST /v1/references: a set that a job wants. */
  async takeReferences(stream: ServerHttp2Stream): Promise<void> {
    const bytes = await readBody(stream, MAX_REFERENCES_BYTES);
    let set: ReturnType<typeof decodeReferences>;
    try {
      set = decodeReferences(bytes);
    } catch (cause) {
      throw workerHostError('VD_REMOTE_REFUSED', `reference images that cannot be read: ${errorText(cause)}`, { cause });
    }
    this.inbox.received(set);
    this.logger.info('Reference images arrived', { kind: set.kind, revision: set.revision, images: set.images.length });
    stream.respond({ ':status': 204 }, { endStream: true });
  }

  /** POST /v1/discard: a job's results were not committed. */
  async discard(stream: ServerHttp2Stream): Promise<void> {
    this.pool.discard(parseJob(await readJson(stream, MAX_JOB_BYTES)));
    stream.respond({ ':status': 204 }, { endStream: true });
  }

  /** GET /v1/status: a line a second for as long as the worker reads. @param onStuck it does not read any more */
  tell(stream: ServerHttp2Stream, tally: Tally, onStuck: () => void): void {
    stream.respond({ ':status': 200, 'content-type': 'application/x-ndjson' });
    let missed = 0;
    const beat = (): void => {
      missed = stream.writableNeedDrain ? missed + 1 : 0;
      if (missed > MISSED_BEATS) onStuck();
      else if (missed === 0 && stream.writable) stream.write(`${JSON.stringify(this.status(tally))}\n`);
    };
    const timer = setInterval(beat, BEAT_MS);
    stream.once('close', () => clearInterval(timer));
    beat();
  }

  private async answer(job: AnalysisJob, lines: LineWriter, signal: AbortSignal, progress: JobProgress): Promise<void> {
    for (const { references } of job.tasks) {
      if (references !== undefined)
        await this.inbox.ensure(references, () => lines.write({ type: 'references.wanted', ...references }), signal);
    }
    const outcome = await this.pool.execute(job, signal, progress);
    for (const text of answerLines(outcome)) await lines.write(text);
  }

  private status(tally: Tally): HostStatus {
    const { capacity, running } = this.pool.load();
    return {
      running,
      waiting: Math.max(0, this.jobs - running),
      yours: tally.jobs,
      capacity,
      rssBytes: process.memoryUsage.rss(),
      loadAverage: loadavg()[0] ?? 0,
    };
  }
}

/** Beats that a worker may leave unread. */
const MISSED_BEATS = 10;

function parseJob(body: unknown): AnalysisJob {
  const parsed = jobMessage.safeParse(body);
  const issue = parsed.error?.issues[0];
  if (issue !== undefined) throw workerHostError('VD_REMOTE_REFUSED', `not a job: ${issue.path.map(String).join('.')}: ${issue.message}`);
  return parsed.data as unknown as AnalysisJob;
}

/** Answers a request that failed, as far as it is not under way already. */
export function refuse(stream: ServerHttp2Stream, error: unknown, status = 422): void {
  if (stream.destroyed || stream.closed) return;
  if (stream.headersSent) return stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  stream.respond({ ':status': status, 'content-type': 'application/json' });
  stream.end(JSON.stringify(refusalOf(error)));
  // What is left of the body is not read.
  stream.resume();
}
