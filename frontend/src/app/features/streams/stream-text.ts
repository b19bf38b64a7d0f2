import type { StreamWire } from '../../api/models';

/** Codec and size of what comes in, as far as known: "H.264 1280×720". */
export function describeStream(stream: StreamWire): string {
  const epoch = stream.epoch;
  if (epoch === null) return stream.adapterId;
  const size = epoch.widthPx !== null && epoch.heightPx !== null ? `${epoch.widthPx}×${epoch.heightPx}` : null;
  return [codecName(epoch.videoCodec), size].filter((part) => part !== null).join(' ') || stream.adapterId;
}

function codecName(codec: string | null): string | null {
  if (codec === null) return null;
  const names: Record<string, string> = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', vp9: 'VP9' };
  return names[codec.toLowerCase()] ?? codec;
}
