import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { cpuSecondsByPart, memoryBytesByPart, minus, partOf, partsText, per, totalOf } from './process-parts.js';

describe('the parts of a running system', () => {
  it('are known by their command lines', () => {
    const node = '/usr/bin/node --max-semi-space-size=1 /srv/dist';
    expect(
      [
        `${node}/cli/main.js up --no-demo`,
        `${node}/main.js api`,
        `${node}/main.js ingest`,
        `${node}/main.js worker`,
        `${node}/main.js analysis-host`,
        'ffmpeg -f flv -i pipe:0 /media/a-worker/0.ts',
        'postgres: vedette_app vedette 127.0.0.1(4) idle',
        '/srv/native/bin/postgres -D /data/postgres',
        'sh -c true',
      ].map(partOf),
    ).toEqual(['supervisor', 'api', 'ingest', 'worker', 'hosts', 'packagers', 'PostgreSQL', 'PostgreSQL', 'others']);
  });

  it.runIf(process.platform === 'linux')('have memory and time, of processes that have ended as well', async () => {
    const work = 'for (let end = process.cpuUsage().user + 300_000; process.cpuUsage().user < end;);';
    const parent = spawn(process.execPath, [
      '-e',
      `require('node:child_process').execFileSync(process.execPath, ['-e', '${work}']); console.log('done'); setInterval(() => {}, 1e9)`,
    ]);
    try {
      await once(parent.stdout, 'data');
      const spent = cpuSecondsByPart(parent.pid!);
      expect(spent.others).toBeGreaterThanOrEqual(0.3);
      expect(totalOf(memoryBytesByPart(parent.pid!))).toBeGreaterThan(5_000_000);
      expect(totalOf(per(minus(spent, spent), 2))).toBe(0);
      expect(partsText(spent, () => '1')).toBe('others 1');
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
