/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { readBarcode } from '../../../src/core/plugin-testing/index.js';

const WIDTH = 320;
const HEIGHT = 180;

/** What the page said and showed in one presented frame. */
export interface Presented {
  readonly grey: string;
  readonly epochId: string;
  readonly framePtsUs: number;
  readonly mode: string;
  readonly drawnPtsUs: number;
  readonly boxes: string;
}

/**
 * Reads each presented frame's pixels together with what the overlay says it drew over them. The element may move on to its next
 * picture before a callback gets to run; a VideoFrame holds still and knows its own time, so that such a pair is told apart.
 */
export async function record(page: Page, count: number): Promise<Presented[]> {
  return page.evaluate(
    ([wanted, width, height]) =>
      new Promise<Presented[]>((resolve) => {
        const video = document.querySelector('video')!;
        const host = document.querySelector<HTMLElement>('[data-testid=overlay]')!;
        const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
        const seen: Presented[] = [];
        const onFrame = (_: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
          const picture = new VideoFrame(video);
          const movedOn = Math.abs(picture.timestamp / 1e6 - mediaTime) > 0.002;
          context.drawImage(picture, 0, 0, width, height);
          picture.close();
          const { data } = context.getImageData(0, 0, width, height);
          let grey = '';
          for (let i = 0; i < data.length; i += 4)
            grey += String.fromCharCode(Math.round(0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!));
          // The player's own callback and this one belong to the same rendering step; the next animation frame follows both.
          requestAnimationFrame(() => {
            const { frameEpoch = '', framePtsUs = '', drawnMode = '', drawnPtsUs = '', drawnBoxes = '[]' } = host.dataset;
            if (frameEpoch !== '' && !movedOn) {
              seen.push({
                grey: btoa(grey),
                epochId: frameEpoch,
                framePtsUs: Number(framePtsUs),
                mode: drawnMode,
                drawnPtsUs: Number(drawnPtsUs),
                boxes: drawnBoxes,
              });
            }
            if (seen.length >= wanted) resolve(seen);
            else video.requestVideoFrameCallback(onFrame);
          });
        };
        video.requestVideoFrameCallback(onFrame);
      }),
    [count, WIDTH, HEIGHT] as const,
  );
}

/** What stands still on screen now. */
export async function look(page: Page): Promise<Presented> {
  return page.evaluate(
    ([width, height]) => {
      const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
      context.drawImage(document.querySelector('video')!, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      let grey = '';
      for (let i = 0; i < data.length; i += 4)
        grey += String.fromCharCode(Math.round(0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!));
      const {
        frameEpoch = '',
        framePtsUs = '',
        drawnMode = '',
        drawnPtsUs = '',
        drawnBoxes = '[]',
      } = document.querySelector<HTMLElement>('[data-testid=overlay]')!.dataset;
      return {
        grey: btoa(grey),
        epochId: frameEpoch,
        framePtsUs: Number(framePtsUs),
        mode: drawnMode,
        drawnPtsUs: Number(drawnPtsUs),
        boxes: drawnBoxes,
      };
    },
    [WIDTH, HEIGHT] as const,
  );
}

/** The number that is burned into the picture; null where none can be read. */
export function frameNumber(presented: Presented): number | null {
  const fit = { frameWidthPx: WIDTH, frameHeightPx: HEIGHT, offsetXPx: 0, offsetYPx: 0, contentWidthPx: WIDTH, contentHeightPx: HEIGHT };
  return readBarcode({ widthPx: WIDTH, heightPx: HEIGHT, format: 'gray8', data: Buffer.from(presented.grey, 'base64'), fit });
}
