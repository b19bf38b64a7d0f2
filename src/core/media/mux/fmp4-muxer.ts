import type { Mp3Header } from '../../decode/codec/index.js';
import { mediaError } from '../../errors/media.errors.js';
import { ptsUsToTicks, type EncodedFrame, type PtsUs, type PushedAudioTrack, type PushedVideoTrack } from '../../plugin-api/index.js';
import type { MuxedTracks, SegmentMuxer } from '../packaging/segment-muxer.js';
import { FragmentWriter, type TrackRun } from './fragment-writer.js';
import { initializationSegment, type InitializedTrack } from './initialization-segment.js';
import { PendingRun } from './pending-run.js';
import { PictureSamples } from './picture-samples.js';
import { audioSampleEntry, firstMp3Header, videoSampleEntry } from './sample-entries.js';
import { soundClock, type SoundClock } from './sound-clock.js';

const [VIDEO_ID, AUDIO_ID] = [1, 2];
const NOTHING = new Uint8Array(0);

/**
 * Writes fragmented MP4 of all codecs that publishers push: an initialization segment, and with each {@link take} one fragment that can
 * be decoded when those before it are. Both tracks count 90,000 a second, as MPEG-TS does, so that a frame's pts is the same in both.
 */
export class Fmp4Muxer implements SegmentMuxer {
  readonly container = 'fmp4';
  private readonly writer = new FragmentWriter();
  private readonly video: { readonly track: PushedVideoTrack; readonly samples: PictureSamples; readonly run: PendingRun } | undefined;
  private readonly audio: { readonly track: PushedAudioTrack; readonly clock: SoundClock; readonly run: PendingRun } | undefined;
  private mp3: Mp3Header | undefined;
  private startsSegment = false;
  private written: Uint8Array | undefined;

  /** @throws VD_MEDIA_CODEC_CONFIG_INVALID */
  constructor({ video, audio }: MuxedTracks) {
    this.video = video && { track: video, samples: new PictureSamples(video), run: new PendingRun(VIDEO_ID) };
    this.audio = audio && { track: audio, clock: soundClock(audio), run: new PendingRun(AUDIO_ID) };
    // What it says is asked for later; that it can be read is known now.
    if (audio !== undefined) audioSampleEntry(audio, undefined);
  }

  get initialization(): Uint8Array | undefined {
    return this.written;
  }

  beginSegment(): void {
    this.startsSegment = true;
  }

  add(frame: EncodedFrame): void {
    if (frame.track === 'video') this.addPicture(frame);
    else this.addSound(frame);
  }

  take(endUs?: PtsUs): Uint8Array {
    const { video, audio } = this;
    if (video?.run.isEmpty !== false && audio?.run.isEmpty !== false) return NOTHING;
    this.written ??= this.initialize();
    if (this.written === undefined) return NOTHING;
    const endTicks = endUs === undefined ? undefined : ptsUsToTicks(endUs);
    const runs: TrackRun[] = [];
    if (video?.run.isEmpty === false) runs.push(video.run.take(endTicks));
    if (audio?.run.isEmpty === false) runs.push(audio.run.take(video === undefined ? endTicks : undefined));
    const fragment = this.writer.write(runs, this.startsSegment);
    this.startsSegment = false;
    return fragment;
  }

  private addPicture(frame: EncodedFrame): void {
    if (this.video === undefined) throw mediaError('VD_MEDIA_FRAME_DAMAGED', 'a picture came where no video was announced');
    const { data, isEntry } = this.video.samples.read(frame);
    this.video.run.addPicture(frame, data, isEntry);
  }

  private addSound(frame: EncodedFrame): void {
    if (this.audio === undefined) throw mediaError('VD_MEDIA_FRAME_DAMAGED', 'sound came where none was announced');
    const { track, clock, run } = this.audio;
    const { data } = frame;
    run.addSound(frame, Buffer.from(data.buffer, data.byteOffset, data.byteLength), clock(data));
    if (track.codec === 'mp3') this.mp3 ??= firstMp3Header(data);
  }

  /** @returns undefined while no picture has said how large it is */
  private initialize(): Uint8Array | undefined {
    const { video, audio, mp3 } = this;
    const tracks: InitializedTrack[] = [];
    if (video !== undefined) {
      const { size } = video.samples;
      if (size === undefined) return undefined;
      tracks.push({ id: VIDEO_ID, kind: 'video', sampleEntry: videoSampleEntry(video.track, size), size });
    }
    if (audio !== undefined) tracks.push({ id: AUDIO_ID, kind: 'audio', sampleEntry: audioSampleEntry(audio.track, mp3) });
    return initializationSegment(tracks);
  }
}
