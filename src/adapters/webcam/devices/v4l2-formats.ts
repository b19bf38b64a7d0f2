import type { SourceDeviceMode } from 'vedette/plugin';

/**
 * Raw or compressed, its name in ffmpeg, what the driver calls it, its sizes; older ffmpegs say `R` and `C`.
 * @example [video4linux2,v4l2 @ 0x55] Compressed:       mjpeg :          Motion-JPEG : 640x480 1280x720
 */
const FORMAT = /\]\s*(?:Raw|Compressed|R|C)\s*:\s*(\S+)\s*:.*?:\s*((?:\d+x\d+\s*)+|\{.*\})\s*$/;
const SIZE = /(\d+)x(\d+)/g;
/** ffmpeg knows no decoder for it. */
const UNUSABLE = new Set(['Unsupported']);

/** What `ffmpeg -f v4l2 -list_formats all` says of one device. It does not tell frame rates. */
export function v4l2Modes(said: string): SourceDeviceMode[] {
  return said.split(/\r?\n/).flatMap((line) => {
    const [, pixelFormat = '', sizes = ''] = FORMAT.exec(line) ?? [];
    // Of a device that takes any size, ffmpeg names ranges: {32-1920, 2}x{32-1080, 2}.
    if (pixelFormat === '' || UNUSABLE.has(pixelFormat) || sizes.startsWith('{')) return [];
    return [...sizes.matchAll(SIZE)].map(([, width, height]) => ({ widthPx: Number(width), heightPx: Number(height), pixelFormat }));
  });
}
