import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type Server as TlsServer } from 'node:tls';
import { errorText, type Logger } from 'vedette/plugin';
import type { RtmpConfig } from './config.js';
import { rtmpError } from './errors.js';

type TlsConfig = NonNullable<RtmpConfig['tls']>;
type Files = Pick<TlsConfig, 'certFile' | 'keyFile'>;

interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly validToMs: number;
}

/**
 * Reads certificate and key, and holds them against each other.
 * @throws VD_RTMP_TLS_UNREADABLE, VD_RTMP_TLS_INVALID, VD_RTMP_TLS_MISMATCH
 */
export async function readCertificate({ certFile, keyFile }: Files): Promise<Certificate> {
  const [cert, key] = await Promise.all([read('certFile', certFile), read('keyFile', keyFile)]);
  const parsed = parseCertificate(cert, certFile);
  if (!parsed.checkPrivateKey(parseKey(key, keyFile))) {
    const whose = `the certificate in ${certFile} (${parsed.subject.replaceAll('\n', ', ') || 'without a subject'})`;
    throw rtmpError('VD_RTMP_TLS_MISMATCH', `RTMPS: the key in ${keyFile} is not the one of ${whose}`);
  }
  return { cert, key, validToMs: parsed.validToDate.getTime() };
}

async function read(option: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw rtmpError('VD_RTMP_TLS_UNREADABLE', `RTMPS cannot read tls.${option}, ${file}: ${errorText(cause)}`, { cause });
  }
}

function parseCertificate(cert: Buffer, certFile: string): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch (cause) {
    const isKey = cert.includes('PRIVATE KEY-----');
    const what = isKey ? 'holds a private key: are the two files the other way round?' : 'holds no certificate in PEM';
    throw rtmpError('VD_RTMP_TLS_INVALID', `RTMPS: tls.certFile, ${certFile}, ${what}`, { cause });
  }
}

function parseKey(key: Buffer, keyFile: string): KeyObject {
  try {
    return createPrivateKey(key);
  } catch (cause) {
    const isLocked = key.includes('ENCRYPTED');
    const what = isLocked ? 'is protected by a passphrase: `openssl pkey` writes it without one' : 'holds no private key in PEM';
    throw rtmpError('VD_RTMP_TLS_INVALID', `RTMPS: tls.keyFile, ${keyFile}, ${what}`, { cause });
  }
}

/** TLS for the listener, with the certificate that is in the files now: what they hold is looked at again and again. */
export class WatchedTls {
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<void> | undefined;

  private constructor(
    readonly server: TlsServer,
    private readonly files: Files,
    private readonly logger: Logger,
    private stamp: string,
  ) {}

  /** @throws as {@link readCertificate} */
  static async open(tls: TlsConfig, handshakeTimeoutMs: number, logger: Logger): Promise<WatchedTls> {
    const stamp = await stampOf(tls);
    const { cert, key, validToMs } = await readCertificate(tls);
    const server = createServer({ cert, key, minVersion: 'TLSv1.2', handshakeTimeout: handshakeTimeoutMs });
    const watched = new WatchedTls(server, tls, logger, stamp);
    watched.warnOfEnd(validToMs);
    watched.timer = setInterval(
      () => (watched.reading ??= watched.look().finally(() => (watched.reading = undefined))),
      tls.recheckInterval,
    );
    watched.timer.unref();
    return watched;
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Files that do not fit together are half replaced, or wrong: the certificate in force stays until they do. */
  private async look(): Promise<void> {
    const stamp = await stampOf(this.files);
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    try {
      const { cert, key, validToMs } = await readCertificate(this.files);
      this.server.setSecureContext({ cert, key, minVersion: 'TLSv1.2' });
      this.logger.info('RTMPS has a new certificate', { validTo: new Date(validToMs).toISOString() });
      this.warnOfEnd(validToMs);
    } catch (error) {
      this.logger.warn('The files of the RTMPS certificate changed and cannot be used: the one before stays in force', {
        error: errorText(error),
      });
    }
  }

  private warnOfEnd(validToMs: number): void {
    if (validToMs > Date.now()) return;
    this.logger.warn('The RTMPS certificate has ended: encoders that check it do not connect', {
      certFile: this.files.certFile,
      validTo: new Date(validToMs).toISOString(),
    });
  }
}

/** Changes when one of the files does. */
async function stampOf({ certFile, keyFile }: Files): Promise<string> {
  const stamps = [certFile, keyFile].map(async (file) => {
    const { mtimeMs, size, ino } = await stat(file).catch(() => ({ mtimeMs: 0, size: 0, ino: 0 }));
    return `${mtimeMs} ${size} ${ino}`;
  });
  return (await Promise.all(stamps)).join(' ');
}
