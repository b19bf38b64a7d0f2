import type { SourceDeviceMode } from 'vedette/plugin';
import { distinct } from './distinct-modes.js';

const SECTION = /DirectShow (video|audio) devices/;
/** Newer ffmpegs say behind each name what it is of. */
const NAME = /\]\s+"([^"]+)"(?: \(([^)]*)\))?\s*$/;
const ALTERNATIVE = /\]\s+Alternative name "([^"]+)"/;
const MODE = /\]\s+(?:pixel_format|vcodec)=(\S+)\s+min s=\d+x\d+ fps=(\S+) max s=(\d+)x(\d+) fps=(\S+)/;

/** Cameras, of `ffmpeg -f dshow -list_devices true`. */
export function dshowCameras(said: string): { readonly name: string; readonly alternative?: string }[] {
  const cameras: { name: string; alternative?: string }[] = [];
  let section = '';
  let isCamera = false;
  for (const line of said.split(/\r?\n/)) {
    section = SECTION.exec(line)?.[1] ?? section;
    const [, alternative] = ALTERNATIVE.exec(line) ?? [];
    const [, name, kinds] = alternative === undefined ? (NAME.exec(line) ?? []) : [];
    if (name !== undefined) {
      isCamera = kinds === undefined ? section === 'video' : kinds.includes('video');
      if (isCamera) cameras.push({ name });
    } else if (alternative !== undefined && isCamera) cameras.at(-1)!.alternative ??= alternative;
  }
  return cameras;
}

/** What a camera offers, of `ffmpeg -f dshow -list_options true`. Drivers name each mode twice, with and without its colours. */
export function dshowModes(said: string): SourceDeviceMode[] {
  return distinct(
    said.split(/\r?\n/).flatMap((line) => {
      const [, pixelFormat, min, width, height, max] = MODE.exec(line) ?? [];
      if (pixelFormat === undefined) return [];
      return [
        {
          ...{ widthPx: Number(width), heightPx: Number(height), pixelFormat },
          ...{ minFramesPerSecond: Number(min), maxFramesPerSecond: Number(max) },
        },
      ];
    }),
  );
}
