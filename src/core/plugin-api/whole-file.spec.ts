import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeWholeFile } from './whole-file.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-whole-'));
  file = join(folder, 'state.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe(writeWholeFile.name, () => {
  it('makes a file, replaces it, and leaves nothing beside it', async () => {
    await writeWholeFile(file, 'one');
    await writeWholeFile(file, 'two');
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('lets readers see the old content or the new one, whole, while many write', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => String(index).padStart(200_000, '.'));
    await writeWholeFile(file, texts[0]!);
    let isWriting = true;
    const writing = Promise.all(texts.map((text) => writeWholeFile(file, text))).finally(() => (isWriting = false));
    const seen = new Set<string>();
    while (isWriting) {
      seen.add(readFileSync(file, 'utf8'));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
    expect([...seen].filter((text) => !texts.includes(text))).toEqual([]);
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('gives a new file the mode it is told, and keeps the mode of one that it replaces', async () => {
    await writeWholeFile(file, 'secret', { mode: 0o600 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o640);
    await writeWholeFile(file, 'another');
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  it.skipIf(process.getuid?.() !== 0)('leaves to another user, as root, what was in their folder and what is new there', async () => {
    const theirs = join(folder, 'theirs');
    mkdirSync(theirs);
    chownSync(theirs, 12_345, 12_346);
    await writeWholeFile(join(theirs, 'new'), 'one');
    expect(statSync(join(theirs, 'new'))).toMatchObject({ uid: 12_345, gid: 12_346 });
    await writeWholeFile(file, 'one');
    chownSync(file, 12_345, 12_346);
    await writeWholeFile(file, 'two');
    expect(statSync(file)).toMatchObject({ uid: 12_345, gid: 12_346 });
  });

  it('lets one of several make a new file, whole, and refuses the others', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => writeWholeFile(file, `writer ${i}`, { isNew: true })));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.map(({ reason }) => (reason as NodeJS.ErrnoException).code)).toEqual(Array(7).fill('EEXIST'));
    expect(readFileSync(file, 'utf8')).toBe(`writer ${outcomes.findIndex(({ status }) => status === 'fulfilled')}`);
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('leaves the old file where the new one cannot be written', async () => {
    writeFileSync(file, 'old');
    await expect(writeWholeFile(join(file, 'below-a-file'), 'new')).rejects.toMatchObject({ code: 'ENOTDIR' });
    const circular = { toString: () => 'never written' } as unknown as string;
    await expect(writeWholeFile(file, Object.freeze({ circular }) as unknown as string)).rejects.toThrow();
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['state.json']);
  });
});
