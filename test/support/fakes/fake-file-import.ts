import { setTimeout as delay } from 'node:timers/promises';
import type { EncodedFrame, FileEnding, FileImport } from 'vedette/plugin';

const FRAME_US = 40_000;

/** A file of small pictures that goes on until it is closed. */
export function fileImport(signal: AbortSignal): FileImport {
  const closing = new AbortController();
  async function* frames(): AsyncGenerator<EncodedFrame, FileEnding, void> {
    for (let us = 0; ; us += FRAME_US) {
      await delay(1);
      if (closing.signal.aborted) throw new Error('the file was closed');
      yield { track: 'video', dtsUs: us, ptsUs: us, keyframe: us === 0, data: Uint8Array.of(0, 0, 0, 1, 0x65) };
    }
  }
  return {
    importId: '00000000-0000-4000-8000-00000000000a',
    name: 'endless.mp4',
    epochId: undefined,
    open: async () => ({
      video: { codec: 'h264', configuration: Uint8Array.of(1, 66, 0, 30, 255, 225) },
      ...{ startUs: 0, durationUs: null, frames, close: () => closing.abort() },
    }),
    startedAtMs: async () => 1_700_000_000_000,
    begun: async () => undefined,
    reached: async () => !signal.aborted,
    isPaused: async () => true,
    done: async () => undefined,
    failed: async (error) => {
      throw error;
    },
  };
}
