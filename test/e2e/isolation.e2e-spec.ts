import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processTree, type ProcessInfo } from './support/process-tree.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const CLOUD_KEY = 'sk-what-only-the-worker-needs';
const isRoot = process.getuid?.() === 0;

const FACTS = ['environ', 'cmdline', 'status', 'limits'] as const;
interface SeenProcess extends ProcessInfo {
  /** What /proc said of it when it was seen: PostgreSQL starts and ends processes as it likes. */
  readonly facts: Readonly<Record<(typeof FACTS)[number], string>>;
}
/** @returns none for a process that ended meanwhile */
const seen = (found: ProcessInfo): SeenProcess[] => {
  try {
    const facts = FACTS.map((name) => [name, readFileSync(`/proc/${found.pid}/${name}`, 'utf8')] as const);
    return [{ ...found, facts: Object.fromEntries(facts) as SeenProcess['facts'] }];
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
};
const FFMPEG = /^ffmpeg /;
const ANALYSIS_HOST = /main\.js analysis-host/;
const status = ({ facts }: SeenProcess, field: string): string => new RegExp(`^${field}:\\s+(\\S+)`, 'm').exec(facts.status)?.[1] ?? '';
/** Every file and folder below one, itself included. */
const below = (folder: string): string[] => [
  folder,
  ...readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? below(path) : [path];
  }),
];

describe.runIf(process.platform === 'linux')('what runs behind a parser', () => {
  let vedette: VedetteProcess;
  let tree: SeenProcess[];
  let segment: string;
  const named = (pattern: RegExp): SeenProcess[] => tree.filter(({ command }) => pattern.test(command));

  beforeAll(async () => {
    const home = mkdtempSync(join(tmpdir(), 'vedette-e2e-'));
    // As /srv or a home folder is: others may pass through.
    chmodSync(home, 0o755);
    vedette = await startVedette({ home, demo: true, env: { OPENAI_API_KEY: CLOUD_KEY } });
    segment = await waitFor('a segment', () => below(vedette.mediaDir).find((path) => path.endsWith('.ts')) ?? null, 60_000);
    tree = await waitFor(
      'ffmpeg and an analysis host to run',
      () => {
        const running = processTree(vedette.child.pid!).filter(({ state }) => state !== 'Z');
        const isThere = (pattern: RegExp): boolean => running.some(({ command }) => pattern.test(command));
        return isThere(FFMPEG) && isThere(ANALYSIS_HOST) ? running.flatMap(seen) : null;
      },
      60_000,
    );
  }, 120_000);
  afterAll(() => vedette?.stop(), 60_000);

  it('shows no secret in the environment or command line of any process', () => {
    const passwords = ['postgres-password', 'postgres-app-password', 'obs-stream-key'].map((name) =>
      readFileSync(join(vedette.dataDir, 'secrets', name), 'utf8').trim(),
    );
    expect(tree.length).toBeGreaterThanOrEqual(7);
    for (const { facts, command } of tree) {
      for (const what of ['environ', 'cmdline'] as const) {
        const shown = facts[what];
        for (const secret of [...passwords, CLOUD_KEY, 'postgres://', 'DATABASE_URL'])
          expect(shown, `${what} of ${command}`).not.toContain(secret);
      }
    }
  });

  it('runs ffmpeg and analysis hosts without capabilities, a way to any, or a core', () => {
    const parsers = [...named(FFMPEG), ...named(ANALYSIS_HOST)];
    expect(parsers.length).toBeGreaterThanOrEqual(2);
    for (const parser of parsers) {
      const { command, facts } = parser;
      expect([status(parser, 'CapPrm'), status(parser, 'CapEff'), status(parser, 'NoNewPrivs')], command).toEqual([
        '0000000000000000',
        '0000000000000000',
        '1',
      ]);
      expect(facts.limits, command).toMatch(/Max core file size +0 +0/);
      expect(facts.limits, command).not.toMatch(/Max data size +unlimited/);
    }
  });

  it('keeps secrets and the database out of their sight, where this machine allows a namespace or another user', () => {
    for (const parser of [...named(FFMPEG), ...named(ANALYSIS_HOST)]) {
      for (const name of ['secrets', 'postgres']) {
        const folder = join(vedette.dataDir, name);
        const inItsView = `/proc/${parser.pid}/root${folder}`;
        const isInSight = existsSync(inItsView) && readdirSync(inItsView).length > 0;
        const isForItsUser = String(statSync(folder).uid) === status(parser, 'Uid');
        expect(isInSight && isForItsUser, `${parser.command} and ${name}`).toBe(false);
      }
    }
  });

  it.runIf(isRoot)('runs as root nothing but what starts the rest, and says so', () => {
    expect(vedette.output).toMatch(/Started as root: roles run as user vedette, PostgreSQL as user postgres/);
    expect(tree.filter((one) => status(one, 'Uid') === '0').map(({ pid }) => pid)).toEqual([vedette.child.pid]);
    for (const one of tree.slice(1)) {
      const { command } = one;
      // The roles keep one right, which keeps their children from looking into them.
      expect(status(one, 'CapPrm'), command).toBe(/main\.js (api|ingest|worker)\b/.test(command) ? '0000000000000400' : '0000000000000000');
    }
  });

  it('keeps recordings, logs and media from other accounts', () => {
    const ours = [...below(vedette.mediaDir), ...below(join(vedette.dataDir, 'logs')), ...below(join(vedette.dataDir, 'run'))];
    expect(ours.length).toBeGreaterThan(6);
    expect(ours.filter((path) => (statSync(path).mode & 0o007) !== 0)).toEqual([]);
    expect(statSync(segment).mode & 0o040).toBe(0o040); // nginx reads it by its group
  });

  it.runIf(isRoot)('refuses a frame of a private stream to another account of the machine', () => {
    const read = (...groups: string[]): unknown =>
      execFileSync('setpriv', ['--reuid=nobody', '--regid=nogroup', ...groups, '--', 'head', '-c1', segment], { stdio: 'pipe' });
    expect(() => read('--clear-groups')).toThrow(/Permission denied/);
    expect(read(`--groups=${statSync(segment).gid}`)).toHaveLength(1);
  });
});
