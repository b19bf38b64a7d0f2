type Part = Uint8Array | readonly number[];

/** A box of ISO BMFF: its size, four letters, and what is in it. */
export function box(type: string, ...parts: readonly Part[]): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 4, 'latin1');
  const whole = Buffer.concat([head, ...parts.map((part) => (part instanceof Uint8Array ? part : Buffer.from(part)))]);
  whole.writeUInt32BE(whole.length);
  return whole;
}

/** A box with version and flags. */
export function fullBox(type: string, version: number, flags: number, ...parts: readonly Part[]): Buffer {
  return box(type, uint32(version * 0x1000000 + flags), ...parts);
}

export function uint16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => bytes.writeUInt16BE(value, 2 * i));
  return bytes;
}

export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  return bytes;
}
