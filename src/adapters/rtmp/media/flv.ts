import amf from 'node-media-server/src/protocol/amf.js';
import Flv from 'node-media-server/src/protocol/flv.js';
import type { MediaAnnouncement } from '../protocol/command.js';

export const TagType = { audio: 8, video: 9, script: 18 } as const;

/** Header of an FLV file. The flags are true: a demuxer waits for streams that are announced here. */
export function flvHeader(hasAudio: boolean): Buffer {
  return Flv.createHeader(hasAudio, true);
}

/** One FLV tag, copied; `timestampMs` is written modulo 2^32 as the format has it. */
export function flvTag(type: number, timestampMs: number, payload: Buffer): Buffer {
  return Flv.createMessage({ codec_type: type, dts: timestampMs % 2 ** 32, size: payload.length, data: payload });
}

/** An `onMetaData` tag of our own making: nothing of what the publisher wrote but numbers in range. */
export function flvMetadataTag(hasAudio: boolean, announced: MediaAnnouncement | undefined): Buffer {
  const data: Record<string, number> = { duration: 0, videocodecid: 7 };
  if (hasAudio) data['audiocodecid'] = 10;
  if (announced?.widthPx !== undefined) data['width'] = announced.widthPx;
  if (announced?.heightPx !== undefined) data['height'] = announced.heightPx;
  if (announced?.framesPerSecond !== undefined) data['framerate'] = announced.framesPerSecond;
  return flvTag(TagType.script, 0, Buffer.concat([amf.amf0EncodeOne('onMetaData'), amf.amf0EncodeOne(data)]));
}
