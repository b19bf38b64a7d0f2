import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostCertificate } from './certificate.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'vedette-certificate-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

describe(hostCertificate.name, () => {
  it('makes one, keeps it for its user only, and has the same ever after', async () => {
    const made = await hostCertificate(dataDir, {});
    expect(statSync(join(dataDir, 'worker-host', 'certificate.pem')).mode & 0o777).toBe(0o600);
    expect(await hostCertificate(dataDir, {})).toEqual(made);
  });

  it.each([
    ['emptied', () => ''],
    ['cut in half', (text: string) => text.slice(0, text.length / 2)],
    ['filled with zeros', (text: string) => '\0'.repeat(text.length)],
  ])('names the one file to remove after a power cut left it %s: workers know the host by it', async (_, damage) => {
    await hostCertificate(dataDir, {});
    const file = join(dataDir, 'worker-host', 'certificate.pem');
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    await expect(hostCertificate(dataDir, {})).rejects.toMatchObject({
      code: 'VD_REMOTE_CERTIFICATE',
      message: expect.stringContaining(`${file} holds no certificate with its key; remove it`) as string,
    });
  });
});
