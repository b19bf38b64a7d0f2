import { fileURLToPath } from 'node:url';
import { nodeEnvironment } from '../../../src/core/config/child-environment.js';
import { ForkedHostPool, type HostPoolOptions } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import type { SegmentFiles } from '../../../src/core/media/store/segment-files.js';
import { LocalSegmentFiles } from '../../../src/core/media/store/testing/local-segment-files.js';
import { SilentLogger } from '../fakes/silent-logger.js';
import type { ReferenceLibrary } from '../../../src/core/brands/reference-library.js';

/** What a host started from source gets instead of a config file. */
export interface HostSettings {
  readonly mediaDir: string;
  readonly dataDir: string;
  /** Config by plugin. */
  readonly config?: Readonly<Record<string, Record<string, unknown>>>;
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The arguments with which plain Node runs a file of this project from source. */
export const FROM_SOURCE = [
  '--experimental-transform-types',
  '--conditions=vedette-source',
  '--disable-warning=ExperimentalWarning',
  '--import',
  new URL('./run-from-source.mjs', import.meta.url).href,
] as const;

interface PoolOptions {
  readonly hosts?: number;
  readonly jobsPerHost?: number;
  readonly jobTimeoutMs?: number;
  readonly memoryLimitBytes?: number;
  readonly entry?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly references?: ReferenceLibrary;
  readonly segments?: SegmentFiles;
}

/** Of hosts that run the source as it is. */
export const hostsFromSource = (settings: HostSettings, options: PoolOptions = {}): HostPoolOptions => ({
  hosts: options.hosts ?? 1,
  entry: options.entry ?? here('./host-entry.ts'),
  args: ['analysis-host', JSON.stringify(settings)],
  environment: nodeEnvironment({ ...process.env, ...options.environment }),
  execArgv: FROM_SOURCE,
  jobsPerHost: options.jobsPerHost ?? 1,
  jobTimeoutMs: options.jobTimeoutMs ?? 60_000,
  memoryLimitBytes: options.memoryLimitBytes ?? 2 ** 30,
});

/** A real pool of real host processes, running the source as it is. */
export function startHostPool(settings: HostSettings, options: PoolOptions = {}): ForkedHostPool {
  const segments = options.segments ?? new LocalSegmentFiles(settings.mediaDir);
  const pool = new ForkedHostPool(hostsFromSource(settings, options), segments, new SilentLogger(), options.references);
  pool.start();
  return pool;
}
