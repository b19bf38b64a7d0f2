import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes a key and a certificate of its own, in two files of that name. */
export async function makeCertificate(folder: string, name: string, options: { passphrase?: string } = {}): Promise<CertificateFiles> {
  const [certFile, keyFile] = [join(folder, `${name}-cert.pem`), join(folder, `${name}-key.pem`)];
  const lock = options.passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${options.passphrase}`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', ...lock, '-keyout', keyFile];
  await run('openssl', ['req', '-x509', ...key, '-subj', `/CN=${name}`, '-days', '2', '-out', certFile]);
  return { certFile, keyFile };
}
