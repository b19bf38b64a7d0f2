import { z } from 'zod';
import { durationMs, sizeBytes } from './duration.js';

const port = z.number().int().min(1).max(65_535);

/** Which streams an analyzer runs on: names, `*` and `?` as wildcards. */
const streamPatterns = z.array(z.string().min(1)).default(['*']);

export const analyzerPlacement = z.strictObject({
  enabled: z.boolean().default(true),
  /** Checked against the analyzer's own schema once its plugin is loaded. */
  config: z.record(z.string(), z.unknown()).default({}),
  streams: streamPatterns,
  execution: z
    .strictObject({ prefer: z.array(z.string()).min(1).default(['local']) })
    .prefault({}),
});

export const pluginEntry = z.strictObject({
  /** `vedette/<name>` for a built-in, a package name, or a file relative to the config file (`./door-watch.ts`). */
  use: z.string().min(1),
  enabled: z.boolean().default(true),
  /** An optional plugin that fails to load is shown as failed; the rest runs. */
  optional: z.boolean().default(false),
  /** By analyzer id. */
  analyzers: z.record(z.string(), analyzerPlacement).default({}),
  /** By source adapter id: the adapter's config (listeners), checked by its own schema. */
  sources: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  /** By strategy id. */
  strategies: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

/** The whole of `vedette.config.yaml`. Every key has a default; unknown keys are refused. */
export const vedetteConfigSchema = z.strictObject({
  /** Database files, logs, secrets, models. */
  dataDir: z.string().default('data'),
  /** HLS segments: `<mediaDir>/<streamId>/<epochId>/<sequence>.ts`. */
  mediaDir: z.string().default('media'),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
      format: z.enum(['pretty', 'json']).default('pretty'),
    })
    .prefault({}),
  database: z
    .strictObject({
      /** External PostgreSQL; also `DATABASE_URL`. Absent: the embedded one. */
      url: z.string().optional(),
      /** Port of the embedded server; 0 picks a free one. */
      embeddedPort: z.number().int().min(0).max(65_535).default(0),
      poolSize: z.number().int().min(2).max(200).default(10),
    })
    .prefault({}),
  redis: z
    .strictObject({
      /** Queues on Redis instead of PostgreSQL; also `REDIS_URL`. */
      url: z.string().optional(),
    })
    .prefault({}),
  api: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: port.default(8080),
      /** Origins besides the API's own that browsers may open /ws from and send cookies from. */
      allowedOrigins: z.array(z.string()).default([]),
      /** Trust X-Forwarded-* of a proxy in front (nginx). */
      trustProxy: z.boolean().default(false),
      sessionTtl: durationMs.prefault('30d'),
    })
    .prefault({}),
  packaging: z
    .strictObject({
      /** Target length of a segment; real ones end at the next keyframe. */
      segmentDuration: durationMs.prefault('2s'),
      /** Segments a live playlist names. */
      liveWindowSegments: z.number().int().min(3).max(100).default(6),
      /** A publisher that sends no media for this long is gone. */
      silenceTimeout: durationMs.prefault('3s'),
    })
    .prefault({}),
  watcher: z.strictObject({ reconcileInterval: durationMs.prefault('15s') }).prefault({}),
  queues: z
    .strictObject({
      /** Jobs at once per worker process and queue; a queue not named here takes `defaultConcurrency`. */
      concurrency: z.record(z.string(), z.number().int().min(1).max(256)).default({}),
      defaultConcurrency: z.number().int().min(1).max(256).default(4),
      attempts: z.number().int().min(1).max(20).default(3),
      backoff: durationMs.prefault('1s'),
      lockDuration: durationMs.prefault('10s'),
      stalledInterval: durationMs.prefault('5s'),
      /** A run's lease; taken over when it expires. */
      lease: durationMs.prefault('15s'),
      reconcileInterval: durationMs.prefault('5s'),
      /** A live stream that lags more than this skips its oldest segments, recorded as `skipped(overload)`. */
      maxLag: durationMs.prefault('60s'),
    })
    .prefault({}),
  analysis: z
    .strictObject({
      /** Analysis host processes per worker; 0 means one per CPU core. */
      hosts: z.number().int().min(0).max(256).default(0),
      /** A segment that takes longer is ended with its host and retried. */
      jobTimeout: durationMs.prefault('60s'),
      memoryLimit: sizeBytes.prefault('1GiB'),
    })
    .prefault({}),
  retention: z
    .strictObject({
      /** How long the feed that WebSocket clients resume from is kept. */
      feed: durationMs.prefault('24h'),
    })
    .prefault({}),
  demo: z.strictObject({ enabled: z.boolean().default(true) }).prefault({}),
  plugins: z.array(pluginEntry).default([]),
});

export type VedetteConfig = z.output<typeof vedetteConfigSchema>;
export type VedetteConfigInput = z.input<typeof vedetteConfigSchema>;
export type PluginEntry = z.output<typeof pluginEntry>;
export type AnalyzerPlacement = z.output<typeof analyzerPlacement>;

/** Nest token of the frozen, validated config; `mediaDir` and `dataDir` are absolute in it. */
export const VEDETTE_CONFIG = Symbol.for('vedette.config');
