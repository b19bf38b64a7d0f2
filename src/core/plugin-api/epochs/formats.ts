import type { PushedAudioTrack, PushedVideoTrack } from '../encoded-frame.js';

/** What the frames of a track are, as its last sequence header says. */
export type VideoFormat = Pick<PushedVideoTrack, 'codec' | 'configuration'>;
export type AudioFormat = PushedAudioTrack & {
  /** MP3 has no sequence header: each of its frames says what it is. */
  readonly mp3Header?: number;
};

export const isSameVideo = (a: VideoFormat | undefined, b: VideoFormat): boolean =>
  a !== undefined && a.codec === b.codec && Buffer.compare(a.configuration, b.configuration) === 0;

export const isSameAudio = (a: AudioFormat | undefined, b: AudioFormat | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.codec === b.codec &&
    a.mp3Header === b.mp3Header &&
    Buffer.compare(a.configuration, b.configuration) === 0);
