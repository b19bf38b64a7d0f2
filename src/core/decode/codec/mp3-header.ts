const RATES_HZ = [44_100, 48_000, 32_000] as const;
const KBPS_1 = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320] as const;
const KBPS_2 = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160] as const;

/** The header that each frame of MP3 sound begins with. */
export interface Mp3Header {
  readonly sampleRateHz: number;
  readonly channelCount: number;
  readonly samplesPerFrame: number;
  readonly sizeBytes: number;
}

/** @returns null where no frame of MPEG-1, 2 or 2.5 layer III begins */
export function mp3HeaderAt(bytes: Uint8Array, at = 0): Mp3Header | null {
  if (at + 4 > bytes.length || bytes[at] !== 0xff) return null;
  const [second, third, fourth] = [bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!];
  const version = (second >> 3) & 3; // 0: 2.5, 2: 2, 3: 1
  if ((second & 0xe0) !== 0xe0 || version === 1 || ((second >> 1) & 3) !== 1) return null;
  const baseHz = RATES_HZ[(third >> 2) & 3];
  const kbps = (version === 3 ? KBPS_1 : KBPS_2)[(third >> 4) - 1];
  if (baseHz === undefined || kbps === undefined) return null;
  const sampleRateHz = version === 3 ? baseHz : version === 2 ? baseHz / 2 : baseHz / 4;
  const samplesPerFrame = version === 3 ? 1152 : 576;
  return {
    sampleRateHz,
    channelCount: fourth >> 6 === 3 ? 1 : 2,
    samplesPerFrame,
    sizeBytes: Math.floor(((samplesPerFrame / 8) * kbps * 1000) / sampleRateHz) + ((third >> 1) & 1),
  };
}
