import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { startChild } from '../../children/child-process.js';
import { programEnvironment } from '../../config/child-environment.js';
import { databaseError } from '../../errors/database.errors.js';
import { writeWholeFile } from '../../plugin-api/whole-file.js';
import { outputOf } from './process-output.js';
import { postgresCommand } from './postgres-user.js';

const PASSWORD = /^[\w-]{32}$/;

export function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** @returns null where there is none, or a part of one */
export async function keptPassword(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return PASSWORD.test(text.trim()) ? text.trim() : null;
}

export async function keepPassword(file: string, password: string): Promise<void> {
  await writeWholeFile(file, `${password}\n`, { mode: 0o600 });
}

/**
 * Gives the cluster's superuser another password: the file that held it is lost, and who owns the cluster's files needs none. The server
 * must not run.
 * @throws VD_DATABASE_START_FAILED
 */
export async function resetPassword(
  { postgres, clusterDir, role }: { readonly postgres: string; readonly clusterDir: string; readonly role: string },
  password: string,
): Promise<void> {
  const { program, args, ...user } = await postgresCommand(postgres, ['--single', '-D', clusterDir, 'postgres'], { reached: [clusterDir] });
  const child = startChild(program, args, { ...user, env: programEnvironment(), cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin?.on('error', () => undefined);
  // Base64 of our own making: nothing in it needs quoting.
  child.stdin?.end(`ALTER ROLE ${role} PASSWORD '${password}'\n`);
  const { code, text } = await outputOf(child);
  if (code !== 0 || text.includes('ERROR:'))
    throw databaseError('VD_DATABASE_START_FAILED', `its password could not be set anew: ${text.trim().split('\n').slice(-5).join('\n')}`);
}
