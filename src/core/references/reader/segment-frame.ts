import sharp from 'sharp';
import { FrameScaler } from '../../decode/frame-scaler.js';
import { VideoDecoder } from '../../decode/video-decoder.js';
import { brandError } from '../../errors/brand.errors.js';
import { demuxSegment, unwrapTicks, type AccessUnit, type SegmentVideo } from '../../decode/segment/index.js';
import { dependsOnBefore, leadOf } from '../../decode/segment-lead.js';
import { ptsUsToTicks, ticksToPtsUs, type Box01 } from '../../plugin-api/index.js';
import { normalise, toPng } from './normalise-image.js';
import { boxesSvg } from './boxes-svg.js';
import type { FrameLook, FramePlace, ReadFrame, ReadImage } from './reader-protocol.js';
import type { PixelBox, Raster } from './raster.js';

/** Larger frames are made smaller: 4K is as much as anyone looks at. */
const MAX_FRAME_SIDE_PX = 4_096;
const JPEG_QUALITY = 85;

interface RgbFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgb: Buffer;
}

/** The frame on show at a time, as JPEG or PNG. @throws VD_FRAME_NOT_FOUND, VD_FRAME_UNREADABLE */
export async function framePicture(place: FramePlace, { widthPx, format = 'jpeg', boxes = [] }: FrameLook = {}): Promise<ReadFrame> {
  const frame = frameAt(place);
  const whole = sharp(frame.rgb, { raw: { width: frame.widthPx, height: frame.heightPx, channels: 3 } });
  const picture = boxes.length === 0 ? whole : whole.composite([{ input: Buffer.from(boxesSvg(boxes, frame)) }]);
  // Drawn at full size first: sharp puts one over the other after all else.
  const drawn = boxes.length === 0 || widthPx === undefined ? picture : sharp(await picture.png({ compressionLevel: 0 }).toBuffer());
  const sized = drawn.resize(widthPx === undefined ? {} : { width: widthPx, withoutEnlargement: true });
  const made = format === 'png' ? sized.png() : sized.jpeg({ quality: JPEG_QUALITY });
  const { data, info } = await made.toBuffer({ resolveWithObject: true });
  return { bytes: data, widthPx: info.width, heightPx: info.height };
}

/** A box of the frame on show at a time, as reference image: opaque, with the background it was seen on. */
export async function frameReference(place: FramePlace, box: Box01): Promise<ReadImage> {
  const cut = cutOut(frameAt(place), box);
  return { mediaType: 'image/png', original: await toPng(cut), ...(await normalise(cut)), backgroundRemoved: false };
}

/** The last picture whose time has come. */
function frameAt({ segment, before, ptsStartUs, ptsUs }: FramePlace): RgbFrame {
  const video = videoOf(segment);
  if (video === null || video.units.length === 0) throw brandError('VD_FRAME_NOT_FOUND', 'The segment has no video.');
  const times = timesOf(video.units, ptsStartUs);
  let wanted = -1;
  times.forEach((time, position) => {
    if (time <= ptsUs && (wanted < 0 || time >= times[wanted]!)) wanted = position;
  });
  if (wanted < 0) throw brandError('VD_FRAME_NOT_FOUND', `The first picture of the segment is shown after ${ptsUs} us.`);
  return decoded(video, positionsFor(video.units, times, wanted), wanted, leadFor(video, wanted, before));
}

function videoOf(segment: Uint8Array): SegmentVideo | null {
  return demuxSegment(Buffer.from(segment.buffer, segment.byteOffset, segment.byteLength)).video;
}

/** What the picture needs of the segment before. */
function leadFor(video: SegmentVideo, wanted: number, before: Uint8Array | undefined): readonly AccessUnit[] {
  if (!dependsOnBefore(video.units)[wanted]) return [];
  const earlier = before === undefined ? null : videoOf(before);
  const lead = earlier === null ? [] : leadOf(earlier, video);
  // HEVC marks such pictures: where they cannot be decoded, none comes out.
  if (lead.length === 0 && video.codec === 'h264')
    throw brandError('VD_FRAME_UNREADABLE', 'The picture builds on the segment before, which is not there.');
  return lead;
}

function timesOf(units: readonly AccessUnit[], ptsStartUs: number): number[] {
  let reference = ptsUsToTicks(ptsStartUs);
  return units.map((unit) => {
    reference = unwrapTicks(unit.ptsTicks, reference);
    return ticksToPtsUs(reference);
  });
}

/** From the keyframe that the picture builds on. One shown before its keyframe (an open GOP) needs the keyframe before that. */
function positionsFor(units: readonly AccessUnit[], times: readonly number[], wanted: number): number[] {
  const isWhole = (at: number): boolean => units[at]!.keyframe && at + units[at]!.wholeAfter <= wanted && times[at]! <= times[wanted]!;
  let from = wanted;
  while (from > 0 && !isWhole(from)) from -= 1;
  return Array.from({ length: wanted - from + 1 }, (_, i) => from + i);
}

function decoded({ codec, units }: SegmentVideo, positions: readonly number[], wanted: number, lead: readonly AccessUnit[]): RgbFrame {
  const broken = positions.find((position) => units[position]!.broken);
  if (broken !== undefined)
    throw brandError('VD_FRAME_UNREADABLE', 'Transport packets are missing in the picture, or in one that it builds on.');
  VideoDecoder.quietLibav();
  const decoder = new VideoDecoder(codec);
  const scaler = new FrameScaler({ widthPx: MAX_FRAME_SIDE_PX, heightPx: MAX_FRAME_SIDE_PX, fit: 'inside', format: 'rgb24' });
  try {
    let isDamaged = false;
    for (const picture of decoder.pictures(units, positions, lead)) {
      isDamaged ||= picture.damaged;
      if (picture.position !== wanted) continue;
      if (isDamaged) throw brandError('VD_FRAME_UNREADABLE', 'The picture, or one that it builds on, is damaged.');
      const { data, fit } = scaler.scale(picture.av, 0);
      return { widthPx: fit.frameWidthPx, heightPx: fit.frameHeightPx, rgb: Buffer.from(data) };
    }
    throw brandError('VD_FRAME_UNREADABLE', 'The decoder gave no picture for this time.');
  } finally {
    scaler.close();
    decoder.close();
  }
}

function cutOut(frame: RgbFrame, box: Box01): Raster {
  const cut = pixelBox(frame, box);
  const rgba = Buffer.alloc(cut.widthPx * cut.heightPx * 4, 255);
  for (let y = 0; y < cut.heightPx; y++) {
    for (let x = 0; x < cut.widthPx; x++) {
      frame.rgb.copy(
        rgba,
        (y * cut.widthPx + x) * 4,
        ((cut.y + y) * frame.widthPx + cut.x + x) * 3,
        ((cut.y + y) * frame.widthPx + cut.x + x) * 3 + 3,
      );
    }
  }
  return { widthPx: cut.widthPx, heightPx: cut.heightPx, rgba };
}

function pixelBox(frame: RgbFrame, box: Box01): PixelBox {
  const [left, top] = [Math.round(box.x * frame.widthPx), Math.round(box.y * frame.heightPx)];
  const right = Math.min(frame.widthPx, Math.round((box.x + box.width) * frame.widthPx));
  const bottom = Math.min(frame.heightPx, Math.round((box.y + box.height) * frame.heightPx));
  const inside = { x: Math.min(left, frame.widthPx - 1), y: Math.min(top, frame.heightPx - 1) };
  return { ...inside, widthPx: Math.max(1, right - inside.x), heightPx: Math.max(1, bottom - inside.y) };
}
