import { isIP } from 'node:net';
import { z } from 'zod';
import { modelsConfig } from './model-entry.js';
import { EXECUTION_PROVIDERS, nameSchema, REACHES } from '../plugin-api/index.js';
import { clipsConfig } from './clips-config.js';
import { durationMs, sizeBytes } from './duration.js';
import { importsConfig } from './imports-config.js';
import { packagingConfig } from './packaging-config.js';
import { retentionConfig } from './retention-config.js';
import { INGEST_NODE_NAME, streamsConfig } from './streams-config.js';

const amount = z.number().positive().describe("In the currency of the strategies' price lists");
/** `host:port`, IPv6 in brackets. */
const address = z.string().regex(/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'an address and port such as "0.0.0.0:7443"');
const port = z.number().int().min(1).max(65_535);
const options = z.record(z.string(), z.unknown());

const shadow = z.strictObject({
  strategy: z.string().min(1).describe('Strategy that analyses the same segments for comparison; its results are not stored'),
  share: z.number().positive().max(1).default(0.1).describe('Share of segments'),
});

export const analyzerPlacement = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether the analyzer runs at all'),
  config: options.default({}).describe("The analyzer's own options, checked by its own schema once its plugin is loaded"),
  streams: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'Names of the streams that the analyzer runs on; `*` and `?` are wildcards, and `!` excludes: `["*", "!lobby"]`. Absent: the ' +
        "default of the analyzer's manifest, which is all streams for most analyzers",
    ),
  when: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Gate that must be open for the analyzer, such as `motion`. While the gate is closed, segments are not decoded and are ' +
        'recorded as `skipped(no-motion)`',
    ),
  execution: z
    .strictObject({
      prefer: z.array(z.string()).min(1).default(['local']).describe('Execution strategies in order of preference'),
      deadline: durationMs
        .optional()
        .describe(
          'Time limit from a finished segment to its results. If the preferred strategy would take longer, the job goes to the next ' +
            'strategy in the list that would not',
        ),
      budget: z
        .strictObject({ perDay: amount.optional(), perMonth: amount.optional() })
        .refine(({ perDay, perMonth }) => perDay !== undefined || perMonth !== undefined, 'perDay, perMonth or both')
        .optional()
        .describe('What this analyzer may spend on strategies that cost money; days and months are UTC'),
      reach: z
        .enum(REACHES)
        .default('cloud')
        .describe(
          "How far the analyzer's media may go: `worker`, `lan` (hosts of the operator) or `cloud`. Media of private streams never " +
            'goes to the cloud',
        ),
      shadow: z
        .union(
          [
            shadow,
            z
              .string()
              .min(1)
              .transform((strategy) => shadow.parse({ strategy })),
          ],
          { error: 'a strategy, or { strategy, share }' },
        )
        .optional()
        .describe(
          'Tries a strategy out and reports its agreement, latency and cost. A strategy by its id, or with its share of segments: `{ ' +
            'strategy: …, share: 0.05 }`',
        ),
    })
    .prefault({}),
});

const ALL_PRIVATE = ['loopback', 'linklocal', 'uniquelocal'];

/** What `proxy-addr` takes. */
function isProxyRange(text: string): boolean {
  if (ALL_PRIVATE.includes(text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && longest >= 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest));
}

export const pluginEntry = z.strictObject({
  use: z
    .string()
    .min(1)
    .describe('`vedette/<name>` for a built-in, a package name, or a file relative to the config file (`./door-watch.ts`)'),
  enabled: z.boolean().default(true).describe('Whether the plugin is loaded'),
  optional: z.boolean().default(false).describe('An optional plugin that fails to load is shown as failed; the rest runs'),
  analyzers: z.record(z.string(), analyzerPlacement).default({}).describe('By analyzer id: where and how it runs'),
  sources: z.record(z.string(), options).default({}).describe("By source adapter id: a listener's options, checked by its own schema"),
  strategies: z.record(z.string(), options).default({}).describe("By strategy id: the strategy's options, checked by its own schema"),
});

/** The whole of `vedette.config.yaml`. Every key has a default; unknown keys are refused. */
export const vedetteConfigSchema = z.strictObject({
  dataDir: z.string().min(1).default('data').describe('Folder of database files, logs, secrets and models'),
  mediaDir: z.string().min(1).default('media').describe('Folder of HLS segments: `<mediaDir>/<streamId>/<epochId>/<sequence>.ts`'),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least severe level that is written'),
      format: z.enum(['pretty', 'json']).default('pretty').describe('Lines for a person, or one JSON object a line'),
    })
    .prefault({}),
  database: z
    .strictObject({
      url: z
        .string()
        .min(1)
        .optional()
        .meta({ secret: true, description: 'External PostgreSQL; also `DATABASE_URL`. Absent: the embedded one' }),
      embeddedPort: z.number().int().min(0).max(65_535).default(0).describe('Port of the embedded server; 0 picks a free one'),
      poolSize: z
        .number()
        .int()
        .min(2)
        .max(200)
        .default(3)
        .describe('Connections per role; each is a process of PostgreSQL, of 2 to 10 MB'),
    })
    .prefault({}),
  redis: z
    .strictObject({
      url: z.string().min(1).optional().meta({ secret: true, description: 'Queues on Redis instead of PostgreSQL; also `REDIS_URL`' }),
    })
    .prefault({}),
  api: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address that the API and the dashboard listen on'),
      port: port.default(8080).describe('Port that the API and the dashboard listen on'),
      allowedOrigins: z
        .array(z.string())
        .default([])
        .describe("Origins besides the API's own from which browsers may open /ws and send cookies"),
      trustProxy: z
        .union([
          z.array(z.string().refine(isProxyRange, 'an address, a network such as 10.1.0.0/16, loopback, linklocal or uniquelocal')),
          z.boolean(),
        ])
        .default(['loopback'])
        .transform((value) => (typeof value === 'boolean' ? (value ? ALL_PRIVATE : []) : value))
        .describe(
          'Proxies in front of the API (nginx) whose X-Forwarded-* headers the API trusts: addresses, networks, `loopback`, `linklocal`, ' +
            '`uniquelocal`. `true`: these three; `[]` or `false`: none',
        ),
      sessionTtl: durationMs.prefault('30d').describe('Maximum length of a session'),
      sessionIdle: durationMs
        .refine((ms) => ms >= 60_000, 'at least 1m')
        .prefault('7d')
        .describe('A session that is not used for this long ends; an open dashboard counts as use'),
      maxSessions: z
        .number()
        .int()
        .min(1)
        .max(10_000)
        .default(50)
        .describe('Sessions that one API token, or the admin by one-time tokens, may have open; one more ends the least recently used one'),
    })
    .prefault({}),
  packaging: packagingConfig,
  imports: importsConfig,
  watcher: z
    .strictObject({
      reconcileInterval: durationMs.prefault('15s').describe('How often the media folder is scanned for what the watcher missed'),
    })
    .prefault({}),
  queues: z
    .strictObject({
      concurrency: z
        .record(z.string(), z.number().int().min(1).max(256))
        .default({})
        .describe('By queue: jobs at once per worker process; a queue not named here takes `defaultConcurrency`'),
      defaultConcurrency: z.number().int().min(1).max(256).default(4).describe('Jobs at once per worker process and queue'),
      attempts: z.number().int().min(1).max(20).default(3).describe('Attempts before a run counts as failed'),
      backoff: durationMs.prefault('1s').describe('Wait before the second attempt; doubled for each further one'),
      lockDuration: durationMs.prefault('10s').describe("A job's lock; renewed while its worker lives"),
      stalledInterval: durationMs.prefault('5s').describe('How often Vedette looks for jobs of dead workers'),
      lease: durationMs
        .prefault('10s')
        .describe('How long a worker that stopped responding keeps its streams; then another worker takes over'),
      reconcileInterval: durationMs.prefault('5s').describe('How often Vedette looks for runs that the queue lost'),
      gapAfter: durationMs
        .prefault('10s')
        .describe(
          'How long later segments wait for a missing one, counted from the arrival of the first of them. Then analyzers get a gap; if ' +
            'the missing segment still arrives, analyzers that keep state skip it as `skipped(late)`',
        ),
      maxLag: durationMs
        .prefault('60s')
        .describe('A live stream that lags more than this skips its oldest segments, recorded as `skipped(overload)`'),
    })
    .prefault({}),
  analysis: z
    .strictObject({
      hosts: z
        .number()
        .int()
        .min(0)
        .max(256)
        .default(0)
        .describe('Analysis host processes per worker at most, started as there is work; 0 means one per CPU core'),
      jobTimeout: durationMs
        .prefault('60s')
        .describe('If a segment takes longer, its analysis host is ended and the segment is tried again'),
      jobsPerHost: z
        .number()
        .int()
        .min(1)
        .max(64)
        .default(1)
        .describe(
          'Segments of different streams that one analysis host works on at once. More than 1 is faster only with an accelerator, which ' +
            'then runs models on frames of several streams together',
        ),
      memoryLimit: sizeBytes.prefault('1GiB').describe('An analysis host that grows beyond this is replaced'),
      thumbnails: z
        .boolean()
        .default(true)
        .describe('Whether a small picture for each ten seconds is kept of what is decoded, for looking a stream through'),
    })
    .prefault({}),
  inference: z
    .strictObject({
      providers: z
        .array(z.enum(EXECUTION_PROVIDERS))
        .min(1)
        .default(['cpu'])
        .describe(
          `What models run on, in order of preference: ${EXECUTION_PROVIDERS.join(', ')}. Providers that do not work on this machine are ` +
            'skipped with a warning',
        ),
      probeTimeout: durationMs
        .prefault('30s')
        .describe('Vedette opens and runs each new model once in a separate process, and refuses a model that takes longer than this'),
      probeMemoryLimit: sizeBytes
        .prefault('1GiB')
        .describe('Vedette refuses a model that needs more memory than this to be opened and run once'),
    })
    .prefault({}),
  models: modelsConfig
    .extend({
      attempts: z
        .number()
        .int()
        .min(1)
        .max(20)
        .default(5)
        .describe('Attempts to download a model; each continues where the last one ended'),
      backoff: durationMs.prefault('1s').describe('Wait before the second attempt; doubled for each further one'),
      stallTimeout: durationMs.prefault('30s').describe('Vedette gives a download up when the server sends next to nothing for this long'),
    })
    .prefault({}),
  media: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe(
          'URL at which other machines fetch segments; also `MEDIA_URL`. On an ingest node: its own URL. On other machines: used for all ' +
            'nodes instead of the URLs that they publish',
        ),
      listen: address
        .optional()
        .describe(
          'Ingest: address and port where the node serves its segments to other machines by signed URLs; absent: it does not serve them',
        ),
      urlTtl: durationMs.prefault('60s').describe('How long a signed URL is valid'),
      cacheSize: sizeBytes.prefault('512MB').describe('Worker: size of the disk cache of fetched segments'),
      fetchTimeout: durationMs
        .prefault('10s')
        .describe('Worker: time limit for fetching a segment; then the worker tries again, then elsewhere'),
    })
    .prefault({}),
  ingest: z
    .strictObject({
      node: z
        .string()
        .regex(INGEST_NODE_NAME, 'a host name')
        .optional()
        .describe("Name of this ingest node, by which streams are pinned to it; absent: the host's name"),
      folders: z
        .array(z.string().min(1).max(4096))
        .default([])
        .describe('Folders whose files sources may read, with all below them, such as the HLS folder of nginx-rtmp; none by default'),
    })
    .prefault({}),
  workerHost: z
    .strictObject({
      listen: address.default('0.0.0.0:7443').describe('Worker host: address and port that workers connect to, always over TLS'),
      token: z
        .string()
        .min(32)
        .optional()
        .meta({
          secret: true,
          description:
            'Worker host: token that it shares with the workers, 32 characters or more; absent: the worker host makes one and keeps it ' +
            'in the data folder',
        }),
      name: nameSchema(63).optional().describe("Worker host: its name on the dashboard; absent: the host's name"),
      certFile: z
        .string()
        .min(1)
        .optional()
        .describe('Worker host: certificate (PEM); absent: the worker host makes one and keeps it in the data folder'),
      keyFile: z.string().min(1).optional().describe('Worker host: key of the certificate (PEM)'),
      announce: z.boolean().default(false).describe('Worker host: announces itself on the local network (mDNS)'),
    })
    .prefault({}),
  egress: z
    .strictObject({
      allow: z
        .array(z.string().regex(/^(\*\.)?[A-Za-z0-9.-]+$/, 'a host name, or *.example.com'))
        .default([])
        .describe('Hosts to which strategies may send pictures; none by default'),
    })
    .prefault({}),
  retention: retentionConfig.prefault({}),
  clips: clipsConfig.prefault({}),
  demo: z.strictObject({ enabled: z.boolean().default(true).describe('Whether `vedette up` runs the demo stream') }).prefault({}),
  streams: streamsConfig,
  plugins: z
    .array(pluginEntry)
    .default([])
    .describe('Plugins besides the built-in ones; an entry with the same `use` as a built-in changes that one'),
});

export type VedetteConfig = z.output<typeof vedetteConfigSchema>;
export type VedetteConfigInput = z.input<typeof vedetteConfigSchema>;
export type PluginEntry = z.output<typeof pluginEntry>;
export type AnalyzerPlacement = z.output<typeof analyzerPlacement>;

/** Nest token of the frozen, validated config; `mediaDir` and `dataDir` are absolute in it. */
export const VEDETTE_CONFIG = Symbol.for('vedette.config');
