import type { SourceDeviceMode } from 'vedette/plugin';
import { distinct } from './distinct-modes.js';

const SECTION = /AVFoundation (video|audio) devices:/;
const DEVICE = /\] \[(\d+)\] (.+?)\s*$/;
const MODE = /\]\s+(\d+)x(\d+)@\[(\d+(?:\.\d+)?) (\d+(?:\.\d+)?)\]fps/;
/** Screens stand in the same list. */
const SCREEN = /^Capture screen \d+$/;

/** Cameras by their numbers, of `ffmpeg -f avfoundation -list_devices true`. */
export function avfoundationCameras(said: string): { readonly index: number; readonly name: string }[] {
  let section = '';
  return said.split(/\r?\n/).flatMap((line) => {
    section = SECTION.exec(line)?.[1] ?? section;
    const [, index, name] = DEVICE.exec(line) ?? [];
    return section === 'video' && index !== undefined && name !== undefined && !SCREEN.test(name) ? [{ index: Number(index), name }] : [];
  });
}

/** What a camera offers, as ffmpeg says when it is asked for what it does not offer. */
export function avfoundationModes(said: string): SourceDeviceMode[] {
  return distinct(
    said.split(/\r?\n/).flatMap((line) => {
      const [, width, height, min, max] = MODE.exec(line) ?? [];
      if (width === undefined) return [];
      return [
        { widthPx: Number(width), heightPx: Number(height), minFramesPerSecond: rate(Number(min)), maxFramesPerSecond: rate(Number(max)) },
      ];
    }),
  );
}

/** 30.000030 is 30: their clocks tick in microseconds. */
const rate = (framesPerSecond: number): number => Math.round(framesPerSecond * 100) / 100;
