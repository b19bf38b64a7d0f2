const MAX_PAYLOAD_BYTES = 1200;
const [PAYLOAD_TYPE, MARKER] = [96, 0x80];
const FU_A = 28;

/** A picture's NAL units as RTP carries H.264 (RFC 6184, packetization mode 1). */
export function rtpPackets(nals: readonly Buffer[], time: number, firstSequence: number): Buffer[] {
  const payloads = nals.flatMap((nal) => (nal.length <= MAX_PAYLOAD_BYTES ? [nal] : fragments(nal)));
  return payloads.map((payload, index) => {
    const head = Buffer.alloc(12);
    head.writeUInt8(0x80);
    head.writeUInt8(PAYLOAD_TYPE | (index === payloads.length - 1 ? MARKER : 0), 1);
    head.writeUInt16BE((firstSequence + index) % 2 ** 16, 2);
    head.writeUInt32BE(time, 4);
    head.writeUInt32BE(0x1234, 8);
    return Buffer.concat([head, payload]);
  });
}

function fragments(nal: Buffer): Buffer[] {
  const [first, body] = [nal.readUInt8(0), nal.subarray(1)];
  const count = Math.ceil(body.length / MAX_PAYLOAD_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const flags = (index === 0 ? 0x80 : 0) | (index === count - 1 ? 0x40 : 0);
    const part = body.subarray(index * MAX_PAYLOAD_BYTES, (index + 1) * MAX_PAYLOAD_BYTES);
    return Buffer.concat([Buffer.from([(first & 0xe0) | FU_A, flags | (first & 0x1f)]), part]);
  });
}
