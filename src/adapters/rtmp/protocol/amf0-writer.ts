/** What is written as AMF0. */
export type AmfOutput = number | boolean | string | null | readonly AmfOutput[] | { readonly [name: string]: AmfOutput };

const text = (value: string): Buffer => {
  const body = Buffer.from(value);
  return Buffer.concat([Buffer.from([body.length >> 8, body.length & 0xff]), body]);
};

/** Encodes one AMF0 value; lists as strict arrays. */
export function amf0(value: AmfOutput): Buffer {
  if (value === null) return Buffer.from([5]);
  if (typeof value === 'boolean') return Buffer.from([1, value ? 1 : 0]);
  if (typeof value === 'string') return Buffer.concat([Buffer.from([2]), text(value)]);
  if (typeof value === 'number') {
    const out = Buffer.alloc(9);
    out.writeDoubleBE(value, 1);
    return out;
  }
  if (isList(value)) {
    const head = Buffer.alloc(5);
    head.writeUInt8(0x0a, 0);
    head.writeUInt32BE(value.length, 1);
    return Buffer.concat([head, ...value.map(amf0)]);
  }
  const fields = Object.entries(value).flatMap(([name, field]) => [text(name), amf0(field)]);
  return Buffer.concat([Buffer.from([3]), ...fields, Buffer.from([0, 0, 9])]);
}

const isList = (value: AmfOutput): value is readonly AmfOutput[] => Array.isArray(value);

/** The payload of a command message. */
export const commandPayload = (name: string, transactionId: number, ...args: readonly AmfOutput[]): Buffer =>
  Buffer.concat([amf0(name), amf0(transactionId), ...args.map(amf0)]);
