import { createHash } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { CodedPicture } from './annex-b.js';
import { rtpPackets } from './rtp-packets.js';

const CLOCK_HZ = 90_000;
const FRAME_MS = 40;

export interface RtspCameraOptions {
  readonly pictures: readonly CodedPicture[];
  readonly login?: { readonly username: string; readonly password: string; readonly scheme: 'Basic' | 'Digest' };
  /** Where every request is sent on to. */
  readonly redirectTo?: string;
  /** The first picture's RTP time. */
  readonly firstTime?: number;
  /** Says that it knows TCP only, or UDP only. */
  readonly only?: 'tcp' | 'udp';
  readonly host?: string;
  /** Of so many packets one never arrives. */
  readonly losesOneOf?: number;
}

interface Session {
  readonly send: (packet: Buffer) => void;
  timer: NodeJS.Timeout | undefined;
  close(): void;
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** A camera of RTSP with one stream, `/main`, of H.264: stands for the real ones in tests. Plays its pictures once, in real time. */
export class RtspCamera {
  /** Pictures that were sent, to whom ever. */
  sent = 0;
  readonly requests: string[] = [];
  isStalled = false;
  private readonly sockets = new Set<Socket>();
  private readonly sessions = new Set<Session>();

  private constructor(
    private readonly server: Server,
    private readonly options: RtspCameraOptions,
  ) {
    server.on('connection', (socket) => this.serve(socket));
  }

  static async start(options: RtspCameraOptions): Promise<RtspCamera> {
    const server = createServer();
    const camera = new RtspCamera(server, options);
    await new Promise<void>((resolve) => server.listen(0, options.host ?? '127.0.0.1', resolve));
    return camera;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `rtsp://127.0.0.1:${this.port}/main`;
  }

  get connections(): number {
    return this.sockets.size;
  }

  /** Cuts every connection, without a word. */
  drop(): void {
    for (const session of this.sessions) session.close();
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    let session: Session | undefined;
    let text = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      session?.close();
    });
    socket.on('data', (chunk) => {
      text = Buffer.concat([text, chunk]);
      for (;;) {
        // Receiver reports come interleaved.
        if (text[0] === 0x24) {
          if (text.length < 4 || text.length < 4 + text.readUInt16BE(2)) return;
          text = text.subarray(4 + text.readUInt16BE(2));
          continue;
        }
        const end = text.indexOf('\r\n\r\n');
        if (end === -1) return;
        const request = text.subarray(0, end).toString();
        text = text.subarray(end + 4);
        session = this.answer(socket, request, session) ?? session;
      }
    });
  }

  private answer(socket: Socket, request: string, session: Session | undefined): Session | undefined {
    const [method = '', url = ''] = request.split(' ');
    this.requests.push(`${method} ${url}`);
    const header = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(request)?.[1]?.trim() ?? '';
    const reply = (status: string, headers: readonly string[] = [], body = ''): void => {
      const lines = [`RTSP/1.0 ${status}`, `CSeq: ${header('CSeq')}`, ...headers];
      if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
      socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    };
    const { redirectTo, only } = this.options;
    if (method === 'OPTIONS') return void reply('200 OK', ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER']);
    if (redirectTo !== undefined) return void reply('302 Found', [`Location: ${redirectTo}`]);
    const challenge = this.challenge(header('Authorization'), method);
    if (challenge !== undefined) return void reply('401 Unauthorized', [challenge]);
    if (!new URL(url).pathname.startsWith('/main')) return void reply('404 Not Found');
    switch (method) {
      case 'DESCRIBE':
        return void reply('200 OK', ['Content-Type: application/sdp', `Content-Base: ${this.url}/`], this.description());
      case 'SETUP': {
        const transport = header('Transport');
        const isTcp = /TCP/i.test(transport);
        if (only !== undefined && isTcp !== (only === 'tcp')) return void reply('461 Unsupported Transport');
        const made = isTcp ? interleaved(socket) : datagrams(socket, transport);
        this.sessions.add(made);
        const chosen = isTcp ? 'RTP/AVP/TCP;unicast;interleaved=0-1' : `${transport};server_port=6000-6001`;
        reply('200 OK', [`Transport: ${chosen}`, 'Session: 12345678;timeout=60']);
        return made;
      }
      case 'PLAY':
        reply('200 OK', ['Session: 12345678', 'Range: npt=0.000-']);
        if (session !== undefined) this.play(session, socket);
        return undefined;
      default:
        reply('200 OK', ['Session: 12345678']);
        if (method === 'TEARDOWN') session?.close();
        return undefined;
    }
  }

  private play(session: Session, socket: Socket): void {
    const { pictures, firstTime = 0 } = this.options;
    let next = 0;
    let sequence = 1;
    session.timer = setInterval(() => {
      if (this.isStalled) return;
      const picture = pictures[next];
      if (picture === undefined) return void socket.end();
      const time = (firstTime + (picture.shownAt * CLOCK_HZ) / 25) % 2 ** 32;
      for (const packet of rtpPackets(picture.nals, time, sequence)) {
        if (sequence % (this.options.losesOneOf ?? Number.POSITIVE_INFINITY) !== 0) session.send(packet);
        sequence = (sequence + 1) % 2 ** 16;
      }
      next += 1;
      this.sent += 1;
    }, FRAME_MS);
  }

  private description(): string {
    const units = this.options.pictures[0]!.nals;
    const sets = [7, 8].map((type) => units.find((nal) => (nal[0]! & 31) === type)!);
    const [profile, sprop] = [sets[0]!.toString('hex', 1, 4), sets.map((set) => set.toString('base64')).join(',')];
    const format = `packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${sprop}`;
    return ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=camera', 'c=IN IP4 0.0.0.0', 't=0 0', 'a=control:*']
      .concat(['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', `a=fmtp:96 ${format}`, 'a=control:track1', ''])
      .join('\r\n');
  }

  /** @returns what to ask for; undefined when it was given */
  private challenge(authorization: string, method: string): string | undefined {
    const { login } = this.options;
    if (login === undefined) return undefined;
    const { username, password, scheme } = login;
    if (scheme === 'Basic') {
      const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      return authorization === expected ? undefined : 'WWW-Authenticate: Basic realm="camera"';
    }
    const given = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(authorization)?.[1] ?? '';
    const response = md5(`${md5(`${username}:camera:${password}`)}:nonce1:${md5(`${method}:${given('uri')}`)}`);
    return given('response') === response ? undefined : 'WWW-Authenticate: Digest realm="camera", nonce="nonce1"';
  }
}

function interleaved(socket: Socket): Session {
  const session: Session = {
    timer: undefined,
    send: (packet) => {
      const head = Buffer.from([0x24, 0, 0, 0]);
      head.writeUInt16BE(packet.length, 2);
      if (!socket.destroyed) socket.write(Buffer.concat([head, packet]));
    },
    close: () => clearInterval(session.timer),
  };
  return session;
}

function datagrams(socket: Socket, transport: string): Session {
  const port = Number(/client_port=(\d+)/.exec(transport)?.[1]);
  const udp: UdpSocket = createSocket('udp4');
  const session: Session = {
    timer: undefined,
    send: (packet) => udp.send(packet, port, socket.remoteAddress),
    close: () => {
      clearInterval(session.timer);
      session.timer = undefined;
      udp.close();
      session.close = () => undefined;
    },
  };
  return session;
}
