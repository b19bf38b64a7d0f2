import { hostname } from 'node:os';
import { setImmediate as afterRejections } from 'node:timers/promises';
import { lowerPriority } from '../../children/lower-priority.js';
import type { VedetteConfig } from '../../config/schema.js';
import { analysisError } from '../../errors/analysis.errors.js';
import { type AnalysisJob, type AnalysisOutcome, type Logger, type SampledPictures } from '../../plugin-api/index.js';
import type { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import type { FromHost, ToHost } from '../host-protocol.js';
import { jobFailure } from './job-failure.js';
import { dieWithParent } from './parent-watch.js';
import { ReferenceSets } from './reference-sets.js';
import { KeyedLock } from './keyed-lock.js';

/**
 * The role `analysis-host`: takes jobs from the worker that forked this process, those of one lane (stream, queue) one at a time,
 * and never returns by itself. How many are under way at once is the worker's business.
 * Ends when the worker says so or is gone.
 * @param config needs `dataDir` only: where a segment's file stands comes with its job
 * @throws VD_ANALYSIS_UNAVAILABLE when the process was not forked by a worker
 */
export async function runAnalysisHost(registry: PluginRegistry, config: Pick<VedetteConfig, 'dataDir'>, logger: Logger): Promise<void> {
  lowerPriority();
  const worker = workerChannel();
  dieWithParent();
  // Native libraries are loaded here, so that no other role carries them.
  const { SegmentRunner } = await import('./segment-runner.js');
  const { VideoDecoder } = await import('../../decode/video-decoder.js');
  VideoDecoder.quietLibav();
  const references = new ReferenceSets((wanted) => worker.send({ type: 'references.wanted', ...wanted }));
  const runner = new SegmentRunner(registry, {
    dataDir: config.dataDir,
    executedBy: `analysis-host ${process.pid} on ${hostname()}`,
    logger,
    references,
  });
  const ending = new AbortController();

  const lanes = new KeyedLock();
  const underWay = new Set<Promise<void>>();
  const track = (work: Promise<void>): void => {
    const done = work.finally(() => underWay.delete(done));
    underWay.add(done);
  };
  const inTurn = ({ stream, queue }: AnalysisJob, step: () => Promise<void>): void =>
    track(lanes.take([`${stream.streamId} ${queue}`]).then((giveBack) => step().finally(giveBack)));
  const answer = async (id: number, job: AnalysisJob, work: () => Promise<Answer>): Promise<void> => {
    try {
      worker.send({ ...(await work()), id, rssBytes: process.memoryUsage.rss() });
    } catch (error) {
      logger.error('Job failed', { jobId: job.jobId, error });
      worker.send({ type: 'job.failed', id, error: jobFailure(error), rssBytes: process.memoryUsage.rss() });
    }
  };
  worker.onMessage((message) => {
    // Not in turn: jobs under way wait for them.
    if (message.type === 'references') references.received(message.set);
    if (message.type === 'references.failed') references.failed(message.kind, message.why);
    if (message.type === 'discard') inTurn(message.job, () => runner.discard(message.job));
    if (message.type === 'stop') void Promise.all(underWay).then(() => runner.close().finally(() => process.exit(0)));
    if (message.type === 'job') {
      const { id, job, root } = message;
      inTurn(job, () =>
        answer(id, job, async () => {
          const outcome = await runner.run(job, root, ending.signal);
          // What an analyzer left to fail on its own fails this job, or those under way with it, not the next one.
          await afterRejections();
          return { type: 'job.done', outcome };
        }),
      );
    }
    if (message.type === 'pictures') {
      const { id, job, root, request } = message;
      track(answer(id, job, async () => ({ type: 'pictures.done', sampled: await runner.sample(job, root, request) })));
    }
  });
  const crash = (error: unknown): void => {
    logger.error('Analysis host crashes', { error });
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  process.once('disconnect', () => {
    ending.abort();
    process.exit(0);
  });
  worker.send({ type: 'host.ready' });
}

type Answer =
  { readonly type: 'job.done'; readonly outcome: AnalysisOutcome } | { readonly type: 'pictures.done'; readonly sampled: SampledPictures };

interface WorkerChannel {
  send(message: FromHost): void;
  onMessage(handle: (message: ToHost) => void): void;
}

function workerChannel(): WorkerChannel {
  const send = process.send?.bind(process);
  if (send === undefined) throw analysisError('VD_ANALYSIS_UNAVAILABLE', 'the role analysis-host is started by a worker, not by hand');
  return {
    send: (message) => void send(message, undefined, undefined, (error) => error && process.exit(1)),
    onMessage: (handle) => void process.on('message', (message) => handle(message as ToHost)),
  };
}
