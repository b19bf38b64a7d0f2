import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { errorText, CodedError, DAY_MS, writeWholeFile } from '../plugin-api/index.js';
import { workerHostError } from './protocol/errors.js';

/** PEM. */
export interface HostCertificate {
  readonly cert: string;
  readonly key: string;
}

/** It is known by its fingerprint, which must not change by itself one day. */
const VALID_YEARS = 30;

/**
 * The host's certificate: the operator's, or the one it made for itself when it first started.
 * @param own files of the operator's certificate and key
 * @throws VD_REMOTE_CERTIFICATE
 */
export async function hostCertificate(
  dataDir: string,
  own: { readonly certFile?: string | undefined; readonly keyFile?: string | undefined },
): Promise<HostCertificate> {
  const { certFile, keyFile } = own;
  if (certFile !== undefined && keyFile !== undefined) return { cert: read(certFile), key: read(keyFile) };
  if (certFile !== undefined || keyFile !== undefined) {
    throw workerHostError(
      'VD_REMOTE_CERTIFICATE',
      `workerHost.${certFile === undefined ? 'certFile' : 'keyFile'} is missing: a certificate and its key go together`,
    );
  }
  const folder = join(dataDir, 'worker-host');
  const file = join(folder, 'certificate.pem');
  try {
    return split(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw workerHostError('VD_REMOTE_CERTIFICATE', `${file}: ${errorText(error)}`, { cause: error });
  }
  const made = await make();
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // One file, whole or not at all: a key without its certificate would be a new fingerprint.
    await writeWholeFile(file, made.key + made.cert, { mode: 0o600 });
  } catch (cause) {
    throw workerHostError('VD_REMOTE_CERTIFICATE', `its own certificate cannot be kept in ${folder}: ${errorText(cause)}`, {
      cause,
    });
  }
  return made;
}

async function make(): Promise<HostCertificate> {
  const made = await generate([{ name: 'commonName', value: 'vedette worker-host' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + VALID_YEARS * 365 * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
    ],
  });
  return { cert: ended(made.cert), key: ended(made.private) };
}

const ended = (pem: string): string => `${pem.trim()}\n`;

function split(text: string, file: string): HostCertificate {
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(text)?.[0];
  const cert = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(text)?.[0];
  if (key !== undefined && cert !== undefined) return { cert, key };
  throw workerHostError(
    'VD_REMOTE_CERTIFICATE',
    `${file} holds no certificate with its key; remove it, and the host makes another, with another fingerprint`,
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw workerHostError('VD_REMOTE_CERTIFICATE', `${file}: ${errorText(cause)}`, { cause });
  }
}
