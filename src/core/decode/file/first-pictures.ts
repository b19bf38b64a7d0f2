import { Codec, CodecContext, Frame, type Packet, type Stream } from 'node-av/lib';
import { AV_FRAME_FLAG_INTERLACED, AV_PKT_DATA_ENCRYPTION_INFO, AV_PKT_FLAG_DISCARD } from 'node-av/constants';
import { importError } from '../../errors/import.errors.js';
import type { PtsUs } from '../../plugin-api/index.js';
import { libavOk } from '../libav.js';
import { MAX_PICTURE_PIXELS } from '../video-decoder.js';
import { type MediaFile, timeUs } from './media-file.js';
import { receivedFrames } from './received-frames.js';
import { sampleAspectOf } from './square-size.js';
import { rescaledUs } from './file-clock.js';

/** What the first pictures of a file show that its header does not say. */
export interface FirstPictures {
  readonly widthPx: number;
  readonly heightPx: number;
  /** As the pictures themselves say it; the container may say something else. */
  readonly sampleAspect: number;
  readonly isInterlaced: boolean;
  /** An edit list begins between two keyframes. */
  readonly isTrimmed: boolean;
  /** The earliest time of any frame that is shown, or decoded. */
  readonly firstUs: PtsUs;
  /** The first frame of sound, as it lies in the file. */
  readonly firstSound: Uint8Array | undefined;
}

const MOST_PICTURES = 12;
const MOST_PACKETS = 600;

/** Decodes what a file begins with. @throws VD_IMPORT_CODEC_UNSUPPORTED, VD_IMPORT_ENCRYPTED */
export function lookAtFirstPictures(file: MediaFile): FirstPictures {
  const { codecpar } = file.video;
  const codec = Codec.findDecoder(codecpar.codecId);
  if (codec === null)
    throw importError('VD_IMPORT_CODEC_UNSUPPORTED', `There is no decoder for ${codecpar.codecTagString ?? 'its pictures'}`);
  const [context, frame] = [new CodecContext(), new Frame()];
  context.allocContext3(codec);
  frame.alloc();
  let found: Omit<FirstPictures, 'isTrimmed' | 'firstUs' | 'firstSound'> | undefined;
  let [pictures, packets] = [0, 0];
  let isTrimmed: boolean | undefined;
  let firstUs = Number.POSITIVE_INFINITY;
  let firstSound: Uint8Array | undefined;
  const receive = (): void => {
    for (const { flags, width, height, sampleAspectRatio } of receivedFrames(context, frame)) {
      pictures += 1;
      const isInterlaced = (found?.isInterlaced ?? false) || (flags & AV_FRAME_FLAG_INTERLACED) !== 0;
      found = { widthPx: width, heightPx: height, sampleAspect: sampleAspectOf(sampleAspectRatio), isInterlaced };
    }
  };
  try {
    libavOk(context.parametersToContext(codecpar), 'setting up a decoder');
    libavOk(context.setOption('max_pixels', MAX_PICTURE_PIXELS), 'limiting the size of pictures');
    libavOk(context.open2Sync(codec, null), 'opening a decoder');
    for (const { track, packet } of file.packets()) {
      const isShown = !packet.hasFlags(AV_PKT_FLAG_DISCARD);
      const us = decodedAtUs(packet, file.streamOf(track));
      if (isShown && us !== undefined) firstUs = Math.min(firstUs, us);
      if (track === 'video') {
        // Its header need not say so, and what is decoded of it may look like pictures.
        if (packet.getSideData(AV_PKT_DATA_ENCRYPTION_INFO) !== null)
          throw importError('VD_IMPORT_ENCRYPTED', 'Its pictures are encrypted');
        if (isShown) isTrimmed ??= !packet.isKeyframe;
        context.sendPacketSync(packet);
        receive();
      } else if (packet.data !== null) firstSound ??= Uint8Array.from(packet.data);
      packets += 1;
      if (pictures >= MOST_PICTURES || packets >= MOST_PACKETS) break;
    }
    if (pictures < MOST_PICTURES) {
      context.sendPacketSync(null);
      receive();
    }
  } finally {
    frame.free();
    context.freeContext();
  }
  if (found === undefined) throw importError('VD_IMPORT_CODEC_UNSUPPORTED', 'None of its first pictures can be decoded');
  return { ...found, isTrimmed: isTrimmed ?? false, firstSound, firstUs: Number.isFinite(firstUs) ? firstUs : 0 };
}

/** Where a container says only when a picture is shown, as early as it may have to be decoded. */
function decodedAtUs(packet: Packet, stream: Stream): PtsUs | undefined {
  const ptsUs = timeUs(packet.pts, stream);
  const delayUs = stream.codecpar.videoDelay * rescaledUs(packet.duration, stream.timeBase);
  return timeUs(packet.dts, stream) ?? (ptsUs === undefined ? undefined : ptsUs - delayUs);
}
