import type { BARCODE } from '../clip/clip-scene.ts';

/** A box as the player says it drew it. */
export interface DrawnBox {
  readonly label: string;
  readonly ptsUs: number;
  /** It lies between two analysed frames, on the line from one to the other. */
  readonly between: boolean;
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** One displayed frame: what its picture says, and what the player says. */
export interface ReadFrame {
  /** The frame's number by the barcode in its picture. */
  readonly barcode: number;
  /** The browser was late: the element showed a newer picture than the one it called back for. Nothing can be compared. */
  readonly movedOn: boolean;
  readonly mediaTime: number;
  readonly framePtsUs: number;
  readonly sequence: string | undefined;
  readonly mode: string | undefined;
  readonly boxes: readonly DrawnBox[];
}

declare global {
  interface Window {
    readPlaying(count: number): Promise<ReadFrame[]>;
    readStep(key: string): Promise<ReadFrame>;
  }
}

export interface ReaderSettings {
  readonly barcode: typeof BARCODE;
  /** Of the full picture, in pixels. */
  readonly pictureHeight: number;
}

/**
 * Runs in the page, and so may use nothing from outside itself. The reader's frame callback and the player's run in the same
 * rendering step; an animation frame follows both.
 */
export function installReader({ barcode: { blocks, blockWidth, height }, pictureHeight }: ReaderSettings): void {
  const video = document.querySelector('video')!;
  const overlay = document.querySelector<HTMLElement>('[data-testid=overlay]')!;
  const context = new OffscreenCanvas(blocks, 1).getContext('2d', { willReadFrequently: true })!;
  // A frame object holds still and knows its own time, where the element may move on to its next picture at any moment.
  const readBarcode = (): { number: number; timestampUs: number } => {
    const picture = new VideoFrame(video);
    const timestampUs = picture.timestamp;
    context.imageSmoothingEnabled = false;
    for (let block = 0; block < blocks; block++)
      context.drawImage(picture, block * blockWidth + blockWidth / 2 - 4, pictureHeight - height / 2 - 4, 8, 8, block, 0, 1, 1);
    const { data } = context.getImageData(0, 0, blocks, 1);
    let number = 0;
    for (let block = 2; block < blocks; block++) number = number * 2 + (data[block * 4]! > 128 ? 1 : 0);
    picture.close();
    return { number, timestampUs };
  };
  const nextFrame = (act?: () => void): Promise<ReadFrame> =>
    new Promise((resolve) => {
      video.requestVideoFrameCallback((_, { mediaTime }) => {
        const { number, timestampUs } = readBarcode();
        requestAnimationFrame(() => {
          const said = overlay.dataset as Record<'framePtsUs' | 'frameSequence' | 'drawnMode' | 'drawnBoxes', string | undefined>;
          resolve({
            barcode: number,
            movedOn: Math.abs(timestampUs / 1e6 - mediaTime) > 0.002,
            mediaTime,
            framePtsUs: Number(said.framePtsUs),
            sequence: said.frameSequence,
            mode: said.drawnMode,
            boxes: JSON.parse(said.drawnBoxes ?? '[]') as DrawnBox[],
          });
        });
      });
      act?.();
    });
  window.readPlaying = async (count) => {
    const frames: ReadFrame[] = [];
    while (frames.length < count) frames.push(await nextFrame());
    return frames;
  };
  window.readStep = (key) => nextFrame(() => document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })));
}
