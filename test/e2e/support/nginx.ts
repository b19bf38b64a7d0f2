import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reservePort } from '../../support/reserve-port.js';
import { waitFor } from './wait-for.js';

export interface DeployedSite {
  /** Name of a file in `deploy`. */
  readonly file: 'nginx.conf' | 'nginx-below-a-path.conf';
  readonly apiUrl: string;
  readonly mediaDir: string;
}

/** A real nginx that runs a file of `deploy` with its "adjust" lines adjusted, inside the least of an nginx.conf. */
export class Nginx {
  private constructor(
    readonly url: string,
    readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(site: DeployedSite): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-nginx-'));
    // As folders of a machine are: others may pass through.
    for (const open of [folder, join(site.mediaDir, '..')]) chmodSync(open, 0o711);
    const port = await reservePort();
    const path = configuration(folder, port, site);
    const checked = spawnSync('nginx', ['-t', '-p', folder, '-c', path], { encoding: 'utf8' });
    if (checked.error !== undefined)
      throw new Error('nginx is needed for this test: apt-get install nginx-light', { cause: checked.error });
    if (!checked.stderr.includes('test is successful')) throw new Error(checked.stderr);
    const nginx = new Nginx(`http://127.0.0.1:${port}`, folder, spawn('nginx', ['-p', folder, '-c', path], { stdio: 'ignore' }));
    await waitFor('nginx to answer', () =>
      fetch(nginx.url).then(
        () => true,
        () => false,
      ),
    );
    return nginx;
  }

  stop(): void {
    this.process.kill('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function configuration(folder: string, port: number, { file, apiUrl, mediaDir }: DeployedSite): string {
  const isWhole = file === 'nginx.conf';
  let site = readFileSync(new URL(`../../../deploy/${file}`, import.meta.url), 'utf8');
  const adjusted = [
    ['127.0.0.1:8080', new URL(apiUrl).host],
    ['alias /srv/vedette/media/;', `alias ${mediaDir}/;`],
    ...(isWhole ? [['listen 80;', `listen 127.0.0.1:${port};`]] : []),
  ] as const;
  for (const [from = '', to = ''] of adjusted) {
    if (!site.includes(from)) throw new Error(`deploy/${file} does not say ${from} any more`);
    site = site.replaceAll(from, to);
  }
  writeFileSync(
    join(folder, 'site.conf'),
    isWhole ? site : `server { listen 127.0.0.1:${port}; location / { return 404 'another site'; } ${site} }`,
  );
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
  // As deploy/README.md says: nginx' own user, in the group that media belongs to.
  const user = process.getuid?.() === 0 ? 'user www-data root;' : '';
  const path = join(folder, 'nginx.conf');
  writeFileSync(
    path,
    `${user} daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
     http { access_log off; ${temporary} include ${folder}/site.conf; }`,
  );
  return path;
}
