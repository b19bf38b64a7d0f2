import { durationMs, sizeBytes, z } from 'vedette/plugin';

const count = z.number().int().min(1).max(65_535);

const limited = durationMs.refine((ms) => ms >= 100 && ms <= 600_000, 'between 100ms and 10m');
const deadline = (fallback: string) => limited.prefault(fallback);
const cap = (fallback: string, minBytes: number) =>
  sizeBytes.refine((bytes) => bytes >= minBytes && bytes <= 0xffffff, `between ${minBytes} B and 16 MB`).prefault(fallback);

/** Config of the `rtmp` source: `plugins: [{ use: vedette/rtmp, sources: { rtmp: { … } } }]`. */
export const rtmpConfigSchema = z
  .strictObject({
    /**
     * Address to listen on. All of IPv4 by default, so that an encoder on another machine reaches it: every publish needs a
     * stream key, and nothing can be played. `127.0.0.1` keeps it to this machine, `::` adds IPv6.
     */
    host: z.string().min(1).max(255).default('0.0.0.0'),
    /** 0 picks a free port, which the log names. */
    port: z.number().int().min(0).max(65_535).default(1935),
    /** Application names publishers may use: the path in `rtmp://host:1935/live`. */
    apps: z
      .array(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, "-" and "_"'))
      .min(1)
      .default(['live']),
    /** With a certificate the port speaks RTMPS (and only RTMPS). Paths of PEM files. */
    tls: z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) }).optional(),
    /** Publishers with an accepted stream key at once; one more is refused. */
    maxPublishers: count.default(256),
    /** Connections without an accepted stream key at once; a newcomer takes the place of the oldest of them. */
    maxStrangers: count.default(512),
    /** Of these, from one network: an IPv4 address, or a /64 of IPv6. */
    maxStrangersPerAddress: count.default(128),
    /** The former name of `maxPublishers`; wins where it is set. */
    maxConnections: count.optional(),
    /** The former name of `maxStrangersPerAddress`; wins where it is set. */
    maxConnectionsPerAddress: count.optional(),
    /** From connecting to the end of the RTMP handshake, TLS included. */
    handshakeTimeout: deadline('5s'),
    /** From the handshake to an accepted stream key. */
    publishTimeout: deadline('10s'),
    /** From an accepted stream key to the first keyframe: an encoder may open many connections before it sends. */
    keyframeTimeout: deadline('30s'),
    /**
     * A publisher whose media has begun and that sends none for this long is gone: its last segment is closed and analysed. Absent: as
     * for all sources, `packaging.silenceTimeout`.
     */
    silenceTimeout: limited.optional(),
    /** All that a connection may send before its key is accepted. A polite publisher needs about 5 kB. */
    preAuthBytes: cap('64kB', 8192),
    maxVideoMessage: cap('8MB', 65_536),
    maxAudioMessage: cap('256kB', 8192),
    /** Commands and metadata. */
    maxCommandMessage: cap('64kB', 4096),
  })
  .prefault({});

/** The limits in force, whichever of their names the config uses. */
export const maxPublishersOf = (config: RtmpConfig): number => config.maxConnections ?? config.maxPublishers;
export const maxStrangersPerAddressOf = (config: RtmpConfig): number => config.maxConnectionsPerAddress ?? config.maxStrangersPerAddress;

export type RtmpConfig = z.output<typeof rtmpConfigSchema>;
export type RtmpConfigInput = z.input<typeof rtmpConfigSchema>;
