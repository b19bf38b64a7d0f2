const [HEADER_BYTES, CHECKSUM_BYTES] = [7, 2];

const isAdts = (data: Uint8Array): boolean => data.length > HEADER_BYTES && data[0] === 0xff && (data[1]! & 0xf6) === 0xf0;

/** The AudioSpecificConfig that the header of a frame of AAC stands for; null where there is none. */
export function configurationOfAdts(data: Uint8Array | undefined): Uint8Array | null {
  if (data === undefined || !isAdts(data)) return null;
  const objectType = (data[2]! >> 6) + 1;
  const rateIndex = (data[2]! >> 2) & 0x0f;
  const channels = ((data[2]! & 1) << 2) | (data[3]! >> 6);
  return Uint8Array.of((objectType << 3) | (rateIndex >> 1), ((rateIndex & 1) << 7) | (channels << 3));
}

/** The frame without its header; null where it has none. */
export function withoutAdts(data: Buffer): Buffer | null {
  if (!isAdts(data)) return null;
  return data.subarray(HEADER_BYTES + ((data[1]! & 1) === 0 ? CHECKSUM_BYTES : 0));
}
