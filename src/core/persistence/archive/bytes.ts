/** Whole numbers of any size that a double holds, seven bits a byte, and stretches of bytes, one after the other. */
export class ByteWriter {
  private buffer = Buffer.allocUnsafe(4096);
  private length = 0;

  /** @param value 0 … 2^53 - 1 */
  count(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.length++] = rest;
  }

  /** @param value no further from 0 than 2^52 */
  signed(value: number): void {
    this.count(value < 0 ? -2 * value - 1 : 2 * value);
  }

  bytes(bytes: Uint8Array): void {
    this.count(bytes.length);
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  text(text: string): void {
    this.bytes(Buffer.from(text, 'utf8'));
  }

  toBuffer(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + more));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}

/** Reads what {@link ByteWriter} wrote. @throws RangeError where the bytes end before what is asked for */
export class ByteReader {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  count(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.buffer[this.at++];
      if (byte === undefined) throw new RangeError('The bytes end within a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  signed(): number {
    const value = this.count();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  bytes(): Buffer {
    const length = this.count();
    if (this.at + length > this.buffer.length) throw new RangeError('The bytes end within a stretch');
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }
}
