import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPublisher } from '../../e2e/support/publisher.js';
import { waitFor } from '../../e2e/support/wait-for.js';
import { reservePort } from '../reserve-port.js';

const MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

/** nginx with its RTMP module, which cuts what is published into HLS: the floor of ingest. */
export class NginxRtmp {
  private readonly publishers: ChildProcess[] = [];

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly nginx: ChildProcess,
  ) {}

  /** Whether it is installed (Debian: `libnginx-mod-rtmp`). */
  static isThere(): boolean {
    return existsSync(MODULE);
  }

  /** @param hls its directives besides `hls` and `hls_path` */
  static async start(hls = 'hls_fragment 2s;'): Promise<NginxRtmp> {
    const folder = await mkdtemp(join(tmpdir(), 'vedette-nginx-'));
    const port = await reservePort();
    await mkdir(join(folder, 'hls'));
    const user = process.getuid?.() === 0 ? 'user root;' : '';
    await writeFile(
      join(folder, 'nginx.conf'),
      `load_module ${MODULE}; ${user} daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
       events {}
       rtmp { access_log off; server { listen 127.0.0.1:${port}; application live { live on; hls on; hls_path ${folder}/hls; ${hls} } } }`,
    );
    const nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
    await waitFor('nginx', () => reaches(port), 10_000);
    return new NginxRtmp(folder, port, nginx);
  }

  /** Where it writes playlists and segments. */
  get hlsFolder(): string {
    return join(this.folder, 'hls');
  }

  urlOf(name: string): string {
    return `rtmp://127.0.0.1:${this.port}/live/${name}`;
  }

  get pid(): number {
    return this.nginx.pid!;
  }

  /** Publishes the clip, over and over, as so many new streams, and waits for their segments. */
  async publish(clip: string, count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, i) => `s${this.publishers.length + i}`);
    for (const name of names) this.publishers.push(startPublisher(clip, this.urlOf(name), { loop: true }));
    await waitFor('segments of nginx', () => names.every((name) => existsSync(join(this.hlsFolder, `${name}-1.ts`))), 60_000);
  }

  async stop(): Promise<void> {
    for (const publisher of this.publishers) publisher.kill('SIGKILL');
    this.nginx.kill('SIGQUIT');
    await new Promise((resolve) => this.nginx.once('exit', resolve));
    await rm(this.folder, { recursive: true, force: true });
  }
}

const reaches = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
