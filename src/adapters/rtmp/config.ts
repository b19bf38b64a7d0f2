import { durationMs, networkRange, sizeBytes, z } from 'vedette/plugin';

const port = z.number().int().min(0).max(65_535);
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
    port: port.default(1935),
    /** Application names publishers may use: the path in `rtmp://host:1935/live`. */
    apps: z
      .array(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, "-" and "_"'))
      .min(1)
      .default(['live']),
    /** RTMPS: paths of PEM files. They are read again when they change. */
    tls: z
      .strictObject({
        certFile: z.string().min(1),
        keyFile: z.string().min(1),
        /** Of RTMPS, beside plain RTMP on `port`; 0 picks a free one. Absent: `port` speaks RTMPS, and nothing speaks plain RTMP. */
        port: port.optional(),
        /** How often the files are looked at for a change. */
        recheckInterval: deadline('10s'),
      })
      .optional(),
    /** Addresses and networks (`10.0.0.0/8`) that may connect; nothing is read of what comes from others. Absent: all may. */
    networks: z.array(networkRange).min(1).max(200).optional(),
    /**
     * What becomes of a second publisher of a stream whose own config does not say: `true`, it takes the stream over; else it is
     * refused while the first one is connected.
     */
    takeover: z.boolean().default(false),
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
