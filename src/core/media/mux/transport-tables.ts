import { sectionCrc } from '../../decode/mpegts/section-crc.js';
import { PACKET_BYTES } from './transport-packets.js';

export const PAT_PID = 0;
export const PMT_PID = 0x1000;
const NO_STREAM_DETAILS = [0xf0, 0];

/** The table that names the programme's map. */
export function programAssociation(): Buffer {
  return tablePacket(PAT_PID, 0x00, [0, 1, 0xe0 | (PMT_PID >> 8), PMT_PID & 0xff]);
}

/** The table that names the programme's streams. */
export function programMap(clockPid: number, streams: readonly { readonly streamType: number; readonly pid: number }[]): Buffer {
  const listed = streams.flatMap(({ streamType, pid }) => [streamType, 0xe0 | (pid >> 8), pid & 0xff, ...NO_STREAM_DETAILS]);
  return tablePacket(PMT_PID, 0x02, [0xe0 | (clockPid >> 8), clockPid & 0xff, ...NO_STREAM_DETAILS, ...listed]);
}

function tablePacket(pid: number, id: number, body: readonly number[]): Buffer {
  const lengthBytes = 5 + body.length + 4;
  const section = Buffer.from([id, 0xb0 | (lengthBytes >> 8), lengthBytes & 0xff, 0, 1, 0xc1, 0, 0, ...body]);
  const packet = Buffer.alloc(PACKET_BYTES, 0xff);
  packet.set([0x47, 0x40 | (pid >> 8), pid & 0xff, 0x10, 0]);
  section.copy(packet, 5);
  packet.writeUInt32BE(sectionCrc(section), 5 + section.length);
  return packet;
}
