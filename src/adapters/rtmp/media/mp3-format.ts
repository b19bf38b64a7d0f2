import type { AudioFormat } from 'vedette/plugin';
import { mp3Header } from './frame-damage.js';

const NO_CONFIGURATION = new Uint8Array(0);

/** The format of a track of MP3 by one of its frames. */
export const mp3Format = (frame: Buffer): AudioFormat => ({
  ...{ codec: 'mp3', configuration: NO_CONFIGURATION, mp3Header: mp3Header(frame) },
});
