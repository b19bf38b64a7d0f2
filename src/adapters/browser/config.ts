import { durationMs, z } from 'vedette/plugin';

const deadline = durationMs.refine((ms) => ms >= 100 && ms <= 600_000, 'between 100ms and 10m');

/** Config of the `browser` source: `plugins: [{ use: vedette/browser, sources: { browser: { … } } }]`. */
export const browserConfigSchema = z
  .strictObject({
    /**
     * Address at which the API role reaches this listener. This machine only by default; pages never connect to it themselves. An API on
     * another machine needs an address of the network that both are in.
     */
    host: z.string().min(1).max(255).default('127.0.0.1'),
    /** 0 picks a free port, which is told to the API by way of the database. */
    port: z.number().int().min(0).max(65_535).default(0),
    /** What the API role connects to, where that is another address than `host` and `port` say. */
    url: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional(),
    /** Cameras at once; one more is refused. */
    maxPublishers: z.number().int().min(1).max(10_000).default(64),
    /** In the long run; who sends more is read no faster. */
    maxBitrateKbps: z.number().int().min(100).max(200_000).default(20_000),
    /** From being accepted to media that can be told what it is. */
    mediaTimeout: deadline.prefault('15s'),
    /** A page that sends nothing for this long is gone. Absent: as for all sources, `packaging.silenceTimeout`. */
    silenceTimeout: deadline.optional(),
    /** For pictures that are encoded anew: what comes as H.264 is kept as it is. */
    bitrateKbps: z.number().int().min(100).max(50_000).default(2500),
    gopSeconds: z.number().min(0.5).max(10).default(2),
    /** For sound that is encoded anew. */
    audioBitrateKbps: z.number().int().min(16).max(512).default(96),
  })
  .prefault({});

export type BrowserConfig = z.output<typeof browserConfigSchema>;
