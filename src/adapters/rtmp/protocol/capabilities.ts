import { AUDIO_FOURCC, VIDEO_FOURCC } from '../media/codecs.js';

/** `FourCcInfoMask.CanForward`: what comes is kept as it is. */
const CAN_FORWARD = 4;
/** `CapsExMask`: multitrack, of which the first track is taken; ModEx, and nanoseconds by it. */
const MULTITRACK = 2;
const MOD_EX = 4;
const TIMESTAMP_NANO_OFFSET = 8;

const infoMap = (codecs: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(codecs.map((fourCc) => [fourCc, CAN_FORWARD]));

const videoCodecs = Object.keys(VIDEO_FOURCC);
const audioCodecs = Object.keys(AUDIO_FOURCC);

/** What is told of enhanced RTMP in the answer to `connect`, so that encoders offer the codecs that can be taken. */
export const ENHANCED_RTMP = {
  fourCcList: [...videoCodecs, ...audioCodecs],
  videoFourCcInfoMap: infoMap(videoCodecs),
  audioFourCcInfoMap: infoMap(audioCodecs),
  capsEx: MULTITRACK | MOD_EX | TIMESTAMP_NANO_OFFSET,
};
