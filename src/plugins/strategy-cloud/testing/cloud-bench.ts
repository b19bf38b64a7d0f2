import {
  CodedError,
  type AnalysisJob,
  type AnalyzerTask,
  type Egress,
  type ExecutionStrategy,
  type Logger,
  type PictureRequest,
  type PictureSampler,
  type SampledPicture,
  type SampledPictures,
  type Secrets,
  type TaskOutcome,
} from 'vedette/plugin';
import plugin from '../index.js';

export const never: AbortSignal = new AbortController().signal;

/** As pictures come from another process: several in one piece of memory, beside what is nobody's business. */
const MEMORY = Uint8Array.from([1, 2, 3, 0xff, 0xd8, 0, 0xff, 0xd9, 4, 5, 0xff, 0xd8, 1, 0xff, 0xd9, 6]);

/** Two pictures a second apart, of no sense to a decoder: no provider here looks at them. */
export const PICTURES: readonly SampledPicture[] = [3, 10].map((at, i) => ({
  ptsUs: i * 1_000_000,
  widthPx: 640,
  heightPx: 360,
  jpeg: MEMORY.subarray(at, at + 5),
}));

export class FakeSampler implements PictureSampler {
  readonly asked: PictureRequest[] = [];
  constructor(public sampled: SampledPictures = { pictures: PICTURES, expected: PICTURES.length, cpuMs: 8 }) {}

  sample(_job: AnalysisJob, request: PictureRequest): Promise<SampledPictures> {
    this.asked.push(request);
    return Promise.resolve(this.sampled);
  }
}

/** Secrets by variable. */
export class FakeSecrets implements Secrets {
  constructor(public readonly values: Record<string, string> = { KEY: 'sk-very-secret-key', OTHER: 'other-very-secret-key' }) {}

  read(source: { file: string } | { env: string }): string {
    const secret = 'env' in source ? this.values[source.env] : undefined;
    if (secret === undefined) throw new CodedError('VD_CONFIG_SECRET_MISSING', 'not there');
    return secret;
  }
}

/** Hosts by name. */
export class FakeEgress implements Egress {
  readonly checked: string[] = [];
  constructor(private readonly allow: readonly string[] = ['127.0.0.1']) {}

  check(url: string | URL): void {
    this.checked.push(String(url));
    const { hostname } = new URL(url);
    if (!this.allow.includes(hostname)) throw new CodedError('VD_EGRESS_REFUSED', `${hostname} is not on the list`);
  }
}

export interface Bench {
  readonly strategy: ExecutionStrategy;
  readonly sampler: FakeSampler;
  readonly secrets: FakeSecrets;
  readonly egress: FakeEgress;
  readonly logged: string[];
}

/** A strategy of the plugin, as core would make it. */
export async function openCloud(
  id: string,
  config: Record<string, unknown>,
  parts: { sampler?: FakeSampler; secrets?: FakeSecrets; egress?: FakeEgress } = {},
): Promise<Bench> {
  const definition = plugin.strategies?.find((one) => one.id === id);
  if (definition === undefined) throw new Error(`no strategy ${id}`);
  const { sampler = new FakeSampler(), secrets = new FakeSecrets(), egress = new FakeEgress() } = parts;
  const logged: string[] = [];
  const log = (message: string, fields?: Record<string, unknown>): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const strategy = await definition.create(definition.config.parse(config), sampler, secrets, egress, logger);
  return { strategy, sampler, secrets, egress, logged };
}

export const taskOf = (...tasks: string[]): AnalyzerTask => ({
  runId: `run-${tasks.join('-')}`,
  attempt: 1,
  analyzerId: `some.${tasks.join('-')}`,
  analyzerVersion: '1.0.0',
  solves: tasks,
  configHash: 'abc',
  config: {},
});

export function jobOf(...tasks: readonly (string | AnalyzerTask)[]): AnalysisJob {
  const [streamId, epochId] = ['stream-1', 'epoch-1'];
  return {
    jobId: 'job-1',
    queue: 'default',
    stream: { streamId, streamName: 'lobby', epochId, widthPx: 640, heightPx: 360, codec: 'h264' },
    segment: {
      streamId,
      epochId,
      sequence: 0,
      ptsStartUs: 0,
      ptsEndUs: 2_000_000,
      path: 'stream-1/epoch-1/000000.ts',
      nodeId: 'node',
      sizeBytes: 1000,
      frameCount: 50,
      keyframeCount: 1,
    },
    tasks: tasks.map((task) => (typeof task === 'string' ? taskOf(task) : task)),
  };
}

export type Answered = Extract<TaskOutcome, { status: 'done' | 'partial' }>;

/** Does a job of one task, which must come to results. */
export async function resultsOf(strategy: ExecutionStrategy, job: AnalysisJob): Promise<Answered> {
  const { tasks } = await strategy.execute(job, never);
  const [task] = tasks;
  if (task?.status !== 'done' && task?.status !== 'partial') throw new Error(`Expected results, got ${JSON.stringify(tasks)}`);
  return task;
}

/** What a job came to that was not to succeed: what was thrown, or its only task's failure. */
export async function failureOf(
  strategy: ExecutionStrategy,
  job: AnalysisJob,
): Promise<{ code: string; message: string; retryable: boolean; cost?: number | undefined }> {
  try {
    const { tasks, cost } = await strategy.execute(job, never);
    const [task] = tasks;
    if (task?.status !== 'failed') throw new Error(`Expected a failure, got ${JSON.stringify(tasks)}`);
    return { code: task.code, message: task.message, retryable: task.retryable, cost };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const { code, message, retryable } = error;
    return { code, message, retryable, cost: (error as { cost?: number }).cost };
  }
}
