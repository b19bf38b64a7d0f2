import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** How a link carries packets, each way. */
export interface LinkQuality {
  readonly delayMs: number;
  /** Added to the delay, evenly between nothing and this: packets may overtake each other. */
  readonly jitterMs: number;
  /** Share of packets that never arrive, 0..1. */
  readonly lossRate: number;
}

/** One IPv4 packet on its way. */
export interface Packet {
  readonly from: string;
  readonly to: string;
  /** Of TCP and UDP; 0 for others, and for what follows the first fragment. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

interface Link {
  readonly name: string;
  readonly socket: Socket;
  quality: LinkQuality;
  /** UDP port of the process that holds the machine's interface; known from the first packet on. */
  peerPort: number | undefined;
}

const PERFECT: LinkQuality = { delayMs: 0, jitterMs: 0, lossRate: 0 };
const MIN_HEADER_BYTES = 20;
/** More than a window of TCP, so that the kernel drops nothing that we were not told to. */
const SOCKET_BUFFER_BYTES = 4_000_000;

/**
 * Carries IPv4 packets between machines and does to them what a bad network does: delays, losses, partitions, also of one
 * direction or one port. In user space, since not every kernel has `netem`; each machine's link is a UDP socket, one
 * packet a datagram. The losses are the same in every run.
 */
export class PacketSwitch {
  private readonly links = new Map<string, Link>();
  private readonly nameOf = new Map<string, string>();
  private readonly blocks = new Set<(packet: Packet) => boolean>();
  private readonly random = randomFrom(20_261_127);
  private closed = false;

  /** @returns the UDP port on loopback that the machine's packets go to */
  async attach(name: string, address: string): Promise<number> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: SOCKET_BUFFER_BYTES, sendBufferSize: SOCKET_BUFFER_BYTES });
    const link: Link = { name, socket, quality: PERFECT, peerPort: undefined };
    // A machine that was taken away refuses what was still on its way to it.
    socket.on('error', () => undefined);
    socket.on('message', (packet, { port }) => {
      link.peerPort = port;
      this.carry(link, packet);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    this.links.set(name, link);
    this.nameOf.set(address, name);
    return (socket.address() as AddressInfo).port;
  }

  /** Whether packets have come from it: its interface is up. */
  hasHeard(name: string): boolean {
    return this.links.get(name)?.peerPort !== undefined;
  }

  detach(name: string): void {
    this.links.get(name)?.socket.close();
    this.links.delete(name);
  }

  /** Of a machine's link: a packet suffers on the link it leaves by and on the one it arrives by. */
  shape(name: string, quality: Partial<LinkQuality>): void {
    const link = this.links.get(name);
    if (link !== undefined) link.quality = { ...PERFECT, ...quality };
  }

  /** Drops what the rule says, until the function is called that comes back. */
  block(rule: (packet: Packet) => boolean): () => void {
    this.blocks.add(rule);
    return () => this.blocks.delete(rule);
  }

  close(): void {
    this.closed = true;
    for (const name of [...this.links.keys()]) this.detach(name);
  }

  private carry(from: Link, packet: Buffer): void {
    if (packet.length < MIN_HEADER_BYTES || packet[0]! >> 4 !== 4) return;
    const to = this.links.get(this.nameOf.get(`${packet[16]}.${packet[17]}.${packet[18]}.${packet[19]}`) ?? '');
    if (to === undefined) return;
    const facts = { from: from.name, to: to.name, ...portsOf(packet) };
    if ([...this.blocks].some((rule) => rule(facts))) return;
    if (this.random() < from.quality.lossRate || this.random() < to.quality.lossRate) return;
    const waitMs = this.delayOf(from.quality) + this.delayOf(to.quality);
    if (waitMs === 0) this.deliver(to, packet);
    else setTimeout(() => this.deliver(to, packet), waitMs);
  }

  private delayOf({ delayMs, jitterMs }: LinkQuality): number {
    return delayMs + jitterMs * this.random();
  }

  private deliver(to: Link, packet: Buffer): void {
    if (this.closed || to.peerPort === undefined || this.links.get(to.name) !== to) return;
    to.socket.send(packet, to.peerPort, '127.0.0.1', () => undefined);
  }
}

function portsOf(packet: Buffer): { sourcePort: number; destinationPort: number } {
  const headerBytes = (packet[0]! & 0x0f) * 4;
  const protocol = packet[9];
  const isFirstFragment = (packet.readUInt16BE(6) & 0x1fff) === 0;
  if ((protocol !== 6 && protocol !== 17) || !isFirstFragment || packet.length < headerBytes + 4)
    return { sourcePort: 0, destinationPort: 0 };
  return { sourcePort: packet.readUInt16BE(headerBytes), destinationPort: packet.readUInt16BE(headerBytes + 2) };
}

/** mulberry32: numbers in 0..1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
