import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodeOf } from '../exit-codes.js';
import { reportError } from '../report-error.js';
import { checkFfmpeg, checkFolder, checkNode, checkPort } from './preflight.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-preflight-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the checks before anything starts', () => {
  it('refuse a Node.js that is too old', () => {
    expect(() => checkNode('>=22.22.3', '20.20.2')).toThrow(expect.objectContaining({ code: 'VD_BOOT_NODE_TOO_OLD' }));
    expect(() => checkNode('>=22.22.3', '24.21.0')).not.toThrow();
  });

  it('refuse an ffmpeg that cannot be run, and tell the version of one that can', async () => {
    await expect(checkFfmpeg(join(folder, 'ffmpeg'))).rejects.toMatchObject({ code: 'VD_BOOT_FFMPEG_MISSING' });
    expect(await checkFfmpeg('ffmpeg')).toMatch(/^\S+$/);
  });

  it('make a folder and leave nothing in it, or refuse what is none', async () => {
    await checkFolder('dataDir', join(folder, 'new/data'));
    expect(readdirSync(join(folder, 'new/data'))).toEqual([]);
    writeFileSync(join(folder, 'file'), '');
    await expect(checkFolder('dataDir', join(folder, 'file'))).rejects.toMatchObject({ code: 'VD_BOOT_FOLDER_UNUSABLE' });
  });

  it('refuse a port that is taken and leave a free one free', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const endpoint = { what: 'RTMP', host: '127.0.0.1', port };
    await expect(checkPort(endpoint)).rejects.toMatchObject({
      code: 'VD_BOOT_PORT_TAKEN',
      message: `RTMP cannot listen on 127.0.0.1:${port}: another program listens there`,
    });
    holder.close();
    await once(holder, 'close');
    await checkPort(endpoint);
    await checkPort(endpoint);
    await expect(checkPort({ ...endpoint, host: '203.0.113.1' })).rejects.toMatchObject({ code: 'VD_BOOT_PORT_TAKEN' });
  });
});

describe(reportError.name, () => {
  it('tells code, message and fix without secrets, and gives the exit code', () => {
    let text = '';
    const error = Object.assign(new Error('postgres://u:pw@h/d is away'), { code: 'VD_DATABASE_UNREACHABLE', fix: 'start it' });
    expect(reportError(error, { write: (more) => (text += more) })).toBe(15);
    expect(text).toBe('\nVD_DATABASE_UNREACHABLE\n  postgres://u:***@h/d is away\n\n  To fix it: start it\n\n');
  });

  it('keeps the stack of what nobody foresaw', () => {
    let text = '';
    expect(reportError(new Error('boom'), { write: (more) => (text += more) })).toBe(1);
    expect(text).toMatch(/Error: boom\n\s+at /);
  });

  it('gives each kind of refusal a number of its own', () => {
    const codes = [
      'VD_BOOT_UNKNOWN_ROLE',
      'VD_BOOT_PORT_TAKEN',
      'VD_BOOT_ALREADY_RUNNING',
      'VD_BOOT_FOLDER_UNUSABLE',
      'VD_BOOT_NOT_RUNNING',
      'VD_CONFIG_INVALID',
      'VD_PLUGIN_NOT_FOUND',
      'VD_DATABASE_PLATFORM',
      'VD_ELSE',
      undefined,
    ];
    expect(codes.map(exitCodeOf)).toEqual([2, 13, 14, 12, 19, 16, 17, 15, 1, 1]);
  });
});
