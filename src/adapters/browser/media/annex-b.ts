const [SPS, PPS] = [7, 8];
const LENGTH_BYTES = 4;

/** What a decoder of H.264 has to know first. */
export interface ParameterSets {
  readonly sps: Buffer;
  readonly pps: Buffer;
}

/** Whether NAL units stand behind start codes, not behind their lengths. */
export const isAnnexB = (data: Buffer): boolean => data.length > 4 && (data.readUInt32BE() === 1 || data.readUIntBE(0, 3) === 1);

/** NAL units between start codes. Safe on any bytes. */
export function nalUnitsOf(data: Buffer): Buffer[] {
  const units: Buffer[] = [];
  for (let start = data.indexOf(START); start !== -1;) {
    const next = data.indexOf(START, start + START.length);
    let end = next === -1 ? data.length : next;
    // A unit ends with a bit that is set: zeros behind it belong to the next start code.
    while (end > start + START.length && data[end - 1] === 0) end -= 1;
    if (end > start + START.length) units.push(data.subarray(start + START.length, end));
    start = next;
  }
  return units;
}
const START = Buffer.from([0, 0, 1]);

/** The first of each kind; undefined where one is missing, or is cut short. */
export function parameterSetsIn(units: readonly Buffer[]): ParameterSets | undefined {
  const first = (type: number): Buffer | undefined => units.find((unit) => (unit[0]! & 0x1f) === type);
  const [sps, pps] = [first(SPS), first(PPS)];
  return sps === undefined || pps === undefined || sps.length < 4 ? undefined : { sps: Buffer.from(sps), pps: Buffer.from(pps) };
}

export const isSame = (one: ParameterSets, other: ParameterSets): boolean => one.sps.equals(other.sps) && one.pps.equals(other.pps);

/** The body of `avcC` (ISO/IEC 14496-15, 5.3.3.1), of frames with lengths of four bytes. */
export function avcConfiguration({ sps, pps }: ParameterSets): Buffer {
  const sizeOf = (set: Buffer): Buffer => Buffer.from([set.length >> 8, set.length & 0xff]);
  const start = Buffer.from([1, sps[1]!, sps[2]!, sps[3]!, 0xfc | (LENGTH_BYTES - 1), 0xe0 | 1]);
  return Buffer.concat([start, sizeOf(sps), sps, Buffer.from([1]), sizeOf(pps), pps]);
}

/** Each unit behind its length in four bytes, in memory of its own. */
export function lengthPrefixed(units: readonly Buffer[]): Buffer {
  const bytes = Buffer.allocUnsafeSlow(units.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const unit of units) {
    at = bytes.writeUInt32BE(unit.length, at);
    at += unit.copy(bytes, at);
  }
  return bytes;
}
