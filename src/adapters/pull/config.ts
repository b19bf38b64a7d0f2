import { durationMs, z } from 'vedette/plugin';

/** Each kind's addresses, and what one looks like. */
const ADDRESSES = {
  rtsp: { schemes: ['rtsp', 'rtsps'], example: 'rtsp://camera.lan:554/stream1' },
  rtmp: { schemes: ['rtmp', 'rtmps'], example: 'rtmp://server.lan/live/name' },
  hls: { schemes: ['http', 'https'], example: 'https://example.com/live/index.m3u8' },
  srt: { schemes: ['srt'], example: 'srt://encoder.lan:9000' },
  'http-ts': { schemes: ['http', 'https'], example: 'http://tuner.lan:8080/channel.ts' },
  mjpeg: { schemes: ['http', 'https'], example: 'http://camera.lan/video.mjpg' },
} as const;
export type PullKind = keyof typeof ADDRESSES;

const MAX_URL_LENGTH = 2000;
const MAX_TEXT_LENGTH = 512;

function addressOf(kind: PullKind) {
  const { schemes, example } = ADDRESSES[kind];
  return z
    .string()
    .max(MAX_URL_LENGTH)
    .superRefine((text, context) => {
      const refuse = (message: string) => context.addIssue({ code: 'custom', message });
      // No value in these messages: it may hold a password.
      if (/[\s\\\p{Cc}]/u.test(text)) return refuse('an address without blanks, backslashes and control characters');
      const url = URL.parse(text);
      if (url === null || url.hostname === '') return refuse(`an address such as ${example}`);
      const scheme = url.protocol.slice(0, -1);
      if (!schemes.some((known) => known === scheme)) return refuse(`for kind ${kind} an address such as ${example}`);
      if (url.username !== '' || url.password !== '')
        return refuse('an address without user and password: they stand in `username` and `password`, where nobody is shown them');
      if (kind === 'srt' && url.port === '') return refuse(`an address with a port, such as ${example}`);
      if (kind === 'srt' && url.search !== '') return refuse('an address without options: they stand in fields of their own');
    })
    .describe(`Where the source is: ${example}`);
}

const text = z.string().max(MAX_TEXT_LENGTH);
const secret = text.meta({ secret: true });
const limited = durationMs.refine((ms) => ms >= 1000 && ms <= 120_000, 'between 1s and 2m');

const common = {
  /** A source that sends nothing for so long is given up, and tried again. */
  timeout: limited.prefault('10s').describe('How long the source may send nothing before it is given up and tried again'),
  /** `auto`: as they come where browsers can play them, else encoded; `copy`: as they come or not at all; `encode`: always to H.264. */
  video: z
    .enum(['auto', 'copy', 'encode'])
    .default('auto')
    .describe('auto: pictures as they come where browsers play them, else encoded to H.264; copy: never encoded; encode: always'),
  audio: z.enum(['auto', 'none']).default('auto').describe('auto: sound as it comes where browsers play it, else encoded to AAC'),
  bitrateKbps: z.number().int().min(100).max(50_000).default(2500).describe('Of pictures that are encoded'),
  gopSeconds: z.number().min(0.5).max(10).default(2).describe('Distance of keyframes of pictures that are encoded'),
};
const login = {
  username: text.optional().describe('User, where the source asks for one'),
  password: secret.optional().describe('Its password; never shown again'),
};

const member = <const Kind extends PullKind, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(kind), url: addressOf(kind), ...shape, ...common });

export const pullConfigSchema = z.discriminatedUnion('kind', [
  member('rtsp', {
    ...login,
    transport: z
      .enum(['auto', 'tcp', 'udp'])
      .default('auto')
      .describe('tcp: nothing is lost on the way; udp: for cameras that know nothing else; auto: tcp, and udp where that is refused'),
  }),
  member('rtmp', login),
  member('hls', login),
  member('srt', {
    streamId: text.optional().describe('Which stream, where the other side has several'),
    passphrase: z.string().min(10).max(79).meta({ secret: true }).optional().describe('Of an encrypted stream; never shown again'),
    latency: durationMs.refine((ms) => ms >= 20 && ms <= 10_000, 'between 20ms and 10s').prefault('200ms'),
  }),
  member('http-ts', login),
  member('mjpeg', login),
]);

export type PullConfig = z.output<typeof pullConfigSchema>;
export type PullConfigInput = z.input<typeof pullConfigSchema>;
export type ConfigOf<Kind extends PullKind> = Extract<PullConfig, { kind: Kind }>;
