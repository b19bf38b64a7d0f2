import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { isRunning } from '../../../../src/core/persistence/embedded/server-process.js';
import { HopelessWait, waitFor } from '../wait-for.js';
import { type LinkQuality, type Packet, PacketSwitch } from './packet-switch.js';

const run = promisify(execFile);
const PREFIX = 'vedette-test';
/** Of the range for measuring network devices (RFC 2544), which nobody has in use. */
const RANGE = '198.18';
const CENTRE = 'centre';

/** A machine as far as its network is concerned: a namespace with one interface. */
export interface NetworkedMachine {
  readonly name: string;
  readonly address: string;
  /** What a command must begin with to run there; nothing for the centre, which is this machine itself. */
  readonly launch: readonly string[];
}

interface Cable {
  readonly namespace: string | null;
  readonly holder: ChildProcess;
}

/**
 * @returns why there can be no machines in network namespaces here, or null when there can
 * @throws where the tests run as root for continuous integration: there it must not be skipped silently
 */
export async function reasonAgainstNamespaces(): Promise<string | null> {
  const reason = await missingForNamespaces();
  if (reason !== null && process.env['CI'] === 'true' && process.getuid?.() === 0)
    throw new Error(`Network namespaces are needed: ${reason}`);
  return reason;
}

async function missingForNamespaces(): Promise<string | null> {
  if (process.platform !== 'linux') return 'only Linux has network namespaces';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return '/dev/net/tun is not there';
  }
  const probe = `${PREFIX}-${process.pid}-probe`;
  try {
    await run('ip', ['netns', 'add', probe]);
    await run('ip', ['netns', 'del', probe]);
    await run('socat', ['-V']);
    return null;
  } catch (error) {
    return (error as Error).message.trim();
  }
}

/**
 * Machines in network namespaces of this one, which hear of each other by a {@link PacketSwitch} alone. The centre is this machine
 * itself, at an address of the same network: what the test starts without a namespace is there.
 *
 * @example
 * const network = await MachineNetwork.create();
 * const left = await network.add('left');
 * const mend = network.cut('left'); // to everybody, both ways
 */
export class MachineNetwork {
  private readonly packets = new PacketSwitch();
  private readonly cables = new Map<string, Cable>();
  private hosts = 0;

  private constructor(private readonly subnet: string) {}

  static async create(): Promise<MachineNetwork> {
    await removeWhatKilledRunsLeft();
    const taken = new Set(Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []));
    const free = Array.from({ length: 250 }, (_, index) => `${RANGE}.${index + 1}`).find((subnet) => !taken.has(`${subnet}.1`));
    if (free === undefined) throw new Error(`All of ${RANGE}.0.0/16 is in use`);
    const network = new MachineNetwork(free);
    try {
      await network.plug(CENTRE, null);
    } catch (error) {
      await network.close();
      throw error;
    }
    return network;
  }

  /** Of the machine that the test itself runs on. */
  get centre(): NetworkedMachine {
    return { name: CENTRE, address: `${this.subnet}.1`, launch: [] };
  }

  /** All addresses of this network, for an access list. */
  get range(): string {
    return `${this.subnet}.0/24`;
  }

  async add(name: string): Promise<NetworkedMachine> {
    const namespace = `${PREFIX}-${process.pid}-${name}`;
    await run('ip', ['netns', 'add', namespace]);
    const address = await this.plug(name, namespace);
    return { name, address, launch: ['ip', 'netns', 'exec', namespace] };
  }

  /** Its cable is pulled out for good: whatever runs there has no network left at all. */
  async unplug(name: string): Promise<void> {
    const cable = this.cables.get(name);
    if (cable === undefined) return;
    this.cables.delete(name);
    const { holder, namespace } = cable;
    if (holder.exitCode === null && holder.signalCode === null) {
      const ended = once(holder, 'exit');
      holder.kill('SIGKILL');
      await ended;
    }
    this.packets.detach(name);
    if (namespace !== null) await run('ip', ['netns', 'del', namespace]);
  }

  shape(name: string, quality: Partial<LinkQuality>): void {
    this.packets.shape(name, quality);
  }

  /** Nothing goes from or to a machine, or between it and `peer` only. @returns mends it */
  cut(name: string, peer?: string): () => void {
    return this.packets.block(
      ({ from, to }) => (from === name && (peer === undefined || to === peer)) || (to === name && (peer === undefined || from === peer)),
    );
  }

  /** Drops what the rule says: one direction, one port. @returns mends it */
  block(rule: (packet: Packet) => boolean): () => void {
    return this.packets.block(rule);
  }

  async close(): Promise<void> {
    for (const name of [...this.cables.keys()]) await this.unplug(name);
    this.packets.close();
  }

  /** socat holds the interface and makes a datagram of each packet; the kernel takes the interface away with it. */
  private async plug(name: string, namespace: string | null): Promise<string> {
    const address = `${this.subnet}.${(this.hosts += 1)}`;
    const device = `vd${process.pid % 100_000}x${this.hosts}`;
    const port = await this.packets.attach(name, address);
    const tun = `TUN,tun-type=tun,tun-name=${device},iff-no-pi`;
    const command = ['--pdeathsig', 'KILL', 'socat', '-b', '65535', tun, `UDP4:127.0.0.1:${port},bind=127.0.0.1:0`];
    const holder = spawn('setpriv', command, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    holder.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)));
    this.cables.set(name, { namespace, holder });
    const there = namespace === null ? [] : ['-n', namespace];
    await waitFor(`the interface of ${name}`, async () => {
      if (holder.exitCode !== null) throw new HopelessWait(`socat ended: ${errors}`);
      return run('ip', ['link', 'show', device]);
    });
    if (namespace !== null) {
      await run('ip', ['link', 'set', device, 'netns', namespace]);
      await run('ip', [...there, 'link', 'set', 'lo', 'up']);
    }
    await run('ip', [...there, 'address', 'add', `${address}/24`, 'dev', device]);
    await run('ip', [...there, 'link', 'set', device, 'up']);
    // The switch answers to where the first packet came from.
    const launch = namespace === null ? [] : ['ip', 'netns', 'exec', namespace];
    const [program = '', ...args] = [...launch, 'bash', '-c', `echo >/dev/udp/${this.subnet}.254/9`];
    await waitFor(`the first packet of ${name}`, async () => {
      await run(program, args);
      return this.packets.hasHeard(name);
    });
    return address;
  }
}

/** Namespaces carry the pid of their run; interfaces went with the processes that held them. */
async function removeWhatKilledRunsLeft(): Promise<void> {
  const { stdout } = await run('ip', ['netns', 'list']);
  for (const [namespace, pid] of stdout.matchAll(new RegExp(`^${PREFIX}-(\\d+)-\\S+`, 'gm'))) {
    if (isRunning(Number(pid))) continue;
    const { stdout: pids } = await run('ip', ['netns', 'pids', namespace]);
    for (const left of pids.split('\n').filter((line) => line !== '')) process.kill(Number(left), 'SIGKILL');
    await run('ip', ['netns', 'del', namespace]);
  }
}
