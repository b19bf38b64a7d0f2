import { readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import type { ToReader } from '../../../src/core/references/reader/reader-protocol.js';

/** A reader that does what the "image" says: what a picture that gets the better of the library might make of it. */
const kept: Buffer[] = [];
const attempts: Readonly<Record<string, () => unknown>> = {
  crash: () => process.abort(),
  exit: () => process.exit(0),
  hang: () => {
    for (;;);
  },
  swell: () => {
    for (;;) kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
  },
  silence: () => undefined,
  environment: () => JSON.stringify(Object.keys(process.env)),
  write: () => writeFileSync(process.execPath, ''),
  spawn: () => execFileSync(process.execPath, ['--version']),
  read: () => readFileSync(process.execPath).length,
};

process.once('disconnect', () => process.exit(0));
process.on('message', (message) => {
  const { id, request } = message as ToReader;
  const wish = request.type === 'image' ? Buffer.from(request.bytes).toString() : '';
  if (wish === 'silence') return;
  let told: string;
  try {
    told = String(attempts[wish]?.());
  } catch (error) {
    told = String((error as NodeJS.ErrnoException).code);
  }
  process.send?.({ type: 'refusal', id, code: 'VD_BRAND_IMAGE_UNREADABLE', message: told });
});
process.send?.({ type: 'ready' });
