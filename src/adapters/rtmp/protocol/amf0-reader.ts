import { violation } from '../refusal.js';

export type AmfValue = number | boolean | string | null | undefined | AmfObject | AmfValue[];
/** No prototype: names are the peer's. */
export interface AmfObject {
  [name: string]: AmfValue;
}

const MAX_DEPTH = 8;
const MAX_VALUES = 1024;

/**
 * Reads AMF0 values out of one message. Depth and number of values are capped, every length is held against what is there:
 * anything that is not plain AMF0 throws a refusal, never a RangeError or a stack overflow.
 */
export class Amf0Reader {
  private offset = 0;
  private values = 0;

  constructor(private readonly bytes: Buffer) {}

  get ended(): boolean {
    return this.offset >= this.bytes.length;
  }

  /** All values up to the end of the message. */
  readAll(): AmfValue[] {
    const out: AmfValue[] = [];
    while (!this.ended) out.push(this.read());
    return out;
  }

  read(depth = 0): AmfValue {
    if (depth > MAX_DEPTH) throw violation('AMF nested too deep');
    if (++this.values > MAX_VALUES) throw violation('AMF with too many values');
    switch (this.uint8()) {
      case 0x00:
        return this.bytes.readDoubleBE(this.take(8));
      case 0x01:
        return this.uint8() !== 0;
      case 0x02:
        return this.text(this.uint16());
      case 0x03:
        return this.object(depth);
      case 0x05:
        return null;
      case 0x06:
        return undefined;
      case 0x08:
        this.take(4); // a hint only: the array ends like an object
        return this.object(depth);
      case 0x0a:
        return this.list(depth);
      case 0x0b: {
        const at = this.take(10);
        return this.bytes.readDoubleBE(at);
      }
      case 0x0c:
      case 0x0f:
        return this.text(this.uint32());
      default:
        throw violation('AMF marker that no publisher needs');
    }
  }

  private object(depth: number): AmfObject {
    const out: AmfObject = Object.create(null) as AmfObject;
    for (;;) {
      const name = this.text(this.uint16());
      if (name === '') {
        if (this.uint8() !== 0x09) throw violation('AMF object without an end');
        return out;
      }
      out[name] = this.read(depth + 1);
    }
  }

  private list(depth: number): AmfValue[] {
    const length = this.uint32();
    if (length > MAX_VALUES) throw violation('AMF list too long');
    const out: AmfValue[] = [];
    for (let i = 0; i < length; i++) out.push(this.read(depth + 1));
    return out;
  }

  private text(length: number): string {
    const at = this.take(length);
    return this.bytes.toString('utf8', at, at + length);
  }

  private uint8(): number {
    return this.bytes.readUInt8(this.take(1));
  }

  private uint16(): number {
    return this.bytes.readUInt16BE(this.take(2));
  }

  private uint32(): number {
    return this.bytes.readUInt32BE(this.take(4));
  }

  /** Position of the next `length` bytes, which are there. */
  private take(length: number): number {
    const at = this.offset;
    if (length > this.bytes.length - at) throw violation('AMF cut short');
    this.offset = at + length;
    return at;
  }
}
