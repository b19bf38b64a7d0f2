import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import type { Stack } from './stack.js';

/** What the figures are of: the machine, the versions, the commit, and how busy it was when they began. */
export async function machine(stack: Stack): Promise<string> {
  const { dependencies } = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8')).packages[''];
  const versions = { ...(await stack.versions()), Node: process.versions.node, BullMQ: dependencies.bullmq, pg: dependencies.pg };
  return [
    `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? '?'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, load ${loadavg()[0]?.toFixed(1)}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    `commit ${commit()}, ${new Date().toISOString().slice(0, 16)}Z`,
  ].join('; ');
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
