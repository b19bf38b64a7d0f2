import type { BitReader } from './bit-reader.js';

export interface ProgramConfig {
  readonly channelCount: number;
  /** As it stands at the head of a raw data block, its identifier included, up to a whole byte. */
  readonly element: Uint8Array;
}

const ID_PCE = 5;

/**
 * Reads a program_config_element of an AudioSpecificConfig (ISO/IEC 14496-3, table 4.2): the list of channels where no number stands
 * for them.
 * @throws RangeError where the bits end within it
 */
export function programConfigElement(bits: BitReader): ProgramConfig {
  const out = new BitList();
  const copy = (count: number): number => {
    const value = bits.bits(count);
    out.put(value, count);
    return value;
  };
  out.put(ID_PCE, 3);
  copy(4 + 2 + 4); // tag, object type, rate
  const [front, side, back] = [copy(4), copy(4), copy(4)];
  const lowFrequency = copy(2);
  const [data, coupling] = [copy(3), copy(4)];
  if (copy(1) === 1) copy(4); // mono mixdown
  if (copy(1) === 1) copy(4); // stereo mixdown
  if (copy(1) === 1) copy(3); // matrix mixdown
  let channelCount = lowFrequency;
  for (let left = front + side + back; left > 0; left--) {
    channelCount += copy(1) === 1 ? 2 : 1;
    copy(4);
  }
  for (let left = lowFrequency + data; left > 0; left--) copy(4);
  for (let left = coupling; left > 0; left--) copy(5);
  // The comment begins on a whole byte, counted from where the element's home begins. It is left out: frames get their element anew.
  bits.skip(-bits.position & 7);
  bits.skip(8 * bits.bits(8));
  out.align();
  out.put(0, 8);
  return { channelCount, element: out.bytes() };
}

class BitList {
  private readonly list: number[] = [];
  private count = 0;

  put(value: number, bitCount: number): void {
    for (let bit = bitCount - 1; bit >= 0; bit--) {
      if ((this.count & 7) === 0) this.list.push(0);
      if ((value >> bit) & 1) this.list[this.list.length - 1]! |= 0x80 >> (this.count & 7);
      this.count++;
    }
  }

  align(): void {
    this.count = this.list.length * 8;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.list);
  }
}
