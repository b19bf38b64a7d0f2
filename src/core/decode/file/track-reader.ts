import type { Packet } from 'node-av/lib';
import type { EncodedFrame, PushedAudioTrack, PushedVideoTrack } from '../../plugin-api/index.js';

/** Makes frames of an epoch of the packets of one track. Their times are the file's own, moved by what makes none of them negative. */
export interface TrackReader<Track extends PushedVideoTrack | PushedAudioTrack = PushedVideoTrack | PushedAudioTrack> {
  readonly track: Track;
  /** Frames shown earlier are left out: they were read before. */
  fromUs: number;
  take(packet: Packet): EncodedFrame[];
  /** What is left when the file is over. */
  finish(): EncodedFrame[];
  /** Frames that are in the file and could not be taken. */
  readonly missing: number;
  close(): void;
}
