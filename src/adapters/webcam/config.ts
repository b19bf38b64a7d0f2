import { z } from 'vedette/plugin';

/** Pictures that ffmpeg makes itself, in place of a camera. Named here: a filter graph never comes from config. */
export const PRESETS = ['demo', 'testsrc'] as const;
export type Preset = (typeof PRESETS)[number];

/** What a device may be called. None of it can reach ffmpeg as an option, a second device or a filter. */
const DEVICE_NAMES = {
  v4l2: {
    pattern: /^(\/dev\/(video\d{1,3}|v4l\/by-(id|path)\/[A-Za-z0-9_+][A-Za-z0-9._:+-]{0,200})|[\p{L}\p{N}][\p{L}\p{N} ():,.&+_-]{0,80})$/u,
    example: '/dev/video0, or the name of a camera',
  },
  avfoundation: { pattern: /^[\p{L}\p{N}][\p{L}\p{N} ()._,’'&+#-]{0,80}$/u, example: '0 or "FaceTime HD Camera"' },
  dshow: { pattern: /^[\p{L}\p{N}][\p{L}\p{N} ()._,’'&+#-]{0,80}$/u, example: '"Integrated Camera"' },
  lavfi: { pattern: new RegExp(`^(${PRESETS.join('|')})$`), example: PRESETS.join(' or ') },
} as const;

const even = (text: string) => text.split('x').every((side) => Number(side) % 2 === 0 && Number(side) >= 64 && Number(side) <= 4096);

export const webcamConfigSchema = z
  .strictObject({
    format: z
      .enum(['v4l2', 'avfoundation', 'dshow', 'lavfi'])
      .describe('How the system gives cameras: v4l2 (Linux), avfoundation (macOS), dshow (Windows); lavfi: a made picture'),
    device: z
      .string()
      .describe('The camera: its name, or as the system names it (/dev/v4l/by-id/…, /dev/video0); for lavfi demo or testsrc'),
    size: z
      .string()
      .regex(/^\d{2,4}x\d{2,4}$/, 'width x height in pixels, such as "1280x720"')
      .refine(even, 'sides from 64 to 4096, even')
      .optional()
      .describe('Width x height in pixels, even; must be one that the camera offers'),
    fps: z.number().int().min(1).max(120).default(25),
    pixelFormat: z
      .string()
      .regex(/^[a-z0-9_]{2,20}$/, 'a name such as mjpeg or yuyv422')
      .optional()
      .describe(
        'Of the modes with that size and rate, the one in this format, as `vedette sources list` names it; the system chooses when absent',
      ),
    bitrateKbps: z.number().int().min(100).max(50_000).default(1500),
    gopSeconds: z.number().min(0.5).max(10).default(2).describe('Distance of keyframes; segments end at keyframes'),
  })
  .superRefine(({ format, device }, context) => {
    const { pattern, example } = DEVICE_NAMES[format];
    if (!pattern.test(device))
      context.addIssue({ code: 'custom', path: ['device'], message: `for format ${format} a device such as ${example}` });
  });

export type WebcamConfig = z.output<typeof webcamConfigSchema>;
export type WebcamConfigInput = z.input<typeof webcamConfigSchema>;

export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The size asked for; the made pictures are small where nothing is asked, to cost little. */
export function pictureSize({ size, format }: WebcamConfig): PictureSize {
  const [widthPx, heightPx] = (size ?? (format === 'lavfi' ? '960x540' : '1280x720')).split('x').map(Number);
  return { widthPx: widthPx!, heightPx: heightPx! };
}
