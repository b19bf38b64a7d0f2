import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programEnvironment } from '../config/child-environment.js';
import { runProgram, startChild } from './child-process.js';
import { Confinement, type ConfinementKind } from './confinement.js';
import { findConfinement } from './find-confinement.js';

const env = programEnvironment();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-confinement-'));
  for (const name of ['secrets', 'media']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'secrets/password'), 'hush');
  writeFileSync(join(folder, 'config.yaml'), 'hush');
  chmodSync(join(folder, 'secrets'), 0o700);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const wishes = () => ({
  hide: [join(folder, 'secrets'), join(folder, 'config.yaml'), join(folder, 'not-there')],
  reach: [folder],
  write: [join(folder, 'media')],
  env,
});
/** What a shell script says from within. */
async function within(confinement: Confinement, script: string, limits = {}): Promise<string> {
  const { program, args } = confinement.wrap('sh', ['-c', script], limits);
  return (await runProgram(program, args, { env })).stdout.trim();
}
const works = (kind: ConfinementKind): boolean => {
  const { program, args } = new Confinement(kind, []).wrap('true', []);
  return spawnSync(program, args, { env }).status === 0;
};

const look = (at: string): string =>
  `cat ${at}/secrets/password ${at}/config.yaml 2>/dev/null; touch ${at}/media/made; ` +
  `umount ${at}/secrets 2>/dev/null; cat ${at}/secrets/password 2>/dev/null; echo looked`;

describe.runIf(process.platform === 'linux')(Confinement.name, () => {
  it.each(['root-namespace', 'user-namespace'] as const)(
    '%s: the child sees no hidden path, has no capability, and works',
    async (kind) => {
      if (!works(kind)) return expect((await findConfinement(wishes(), [kind])).refusals[kind]).not.toBe('');
      const confinement = new Confinement(kind, wishes().hide);
      expect(await within(confinement, look(folder))).toBe('looked');
      expect(existsSync(join(folder, 'media/made'))).toBe(true);
      expect(await within(confinement, 'id -u')).toBe(String(process.getuid?.()));
      expect(await within(confinement, "grep -E '^(CapPrm|CapEff|CapAmb|NoNewPrivs)' /proc/self/status | cut -f2 | sort -u")).toBe(
        '0000000000000000\n1',
      );
      // The parent's environment and memory are out of reach, though it is the same user.
      expect(await within(confinement, `cat /proc/${process.pid}/environ 2>/dev/null | wc -c`)).toBe('0');
    },
  );

  it('no-privileges: root without its rights', async () => {
    const confinement = new Confinement('no-privileges', wishes().hide);
    expect(await within(confinement, "grep -E '^(CapEff|NoNewPrivs)' /proc/self/status | cut -f2")).toBe('0000000000000000\n1');
  });

  it('holds limits, and leaves no core', async () => {
    const confinement = new Confinement('limits', []);
    expect(await within(confinement, 'ulimit -c; ulimit -n; ulimit -d', { openFiles: 64, memoryBytes: 2 ** 30 })).toBe(`0\n64\n${2 ** 20}`);
    await expect(within(confinement, `dd if=/dev/zero of=${folder}/media/large bs=1k count=9 2>&1`, { fileBytes: 4096 })).rejects.toThrow();
  });

  it('keeps pid and parent, so that who started a child can watch and end it', async () => {
    const confinement = await findConfinement(wishes());
    const child = startChild('sh', ['-c', 'echo $$ $PPID'], { env, confinement, stdio: ['ignore', 'pipe', 'ignore'] });
    const chunks: string[] = [];
    for await (const chunk of child.stdout!) chunks.push(String(chunk));
    expect(chunks.join('').trim()).toBe(`${child.pid} ${process.pid}`);
  });
});

describe(findConfinement.name, () => {
  it('takes the strongest that works, and says of each other why not', async () => {
    const refused = { ...wishes(), reach: [join(folder, 'config.yaml')] };
    const found = await findConfinement(refused, ['no-privileges', 'limits']);
    expect(found.kind).toBe('none');
    expect(Object.keys(found.refusals)).toEqual(['no-privileges', 'limits']);
    expect(Object.values(found.refusals)).toEqual(Array(2).fill(`it cannot go through ${join(folder, 'config.yaml')}`));
    expect((await findConfinement(wishes(), ['limits'])).kind).toBe('limits');
  });

  it('goes without where the programs for it are missing', async () => {
    const found = await findConfinement({ ...wishes(), env: programEnvironment({ PATH: folder }) });
    expect(found.kind).toBe('none');
    expect(found.wrap('ffmpeg', ['-version'])).toEqual({ program: 'ffmpeg', args: ['-version'] });
  });
});
