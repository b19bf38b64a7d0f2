import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Request, Response } from 'express';
import { clipError } from '../../errors/clip.errors.js';
import { CACHING, sendFile } from '../../media/store/send-segment.js';

const NOT_IN_NAMES = /[^\p{L}\p{N} ._-]+/gu;
const MOST_NAME = 80;

/**
 * A name that says what a file is, on every system.
 * @example exportName('Front door', '2026-03-01T10:20:30.000Z', 'mp4') === 'Front door 2026-03-01 10.20.30.mp4'
 */
export function exportName(title: string, at: string, extension: string): string {
  const words = title
    .normalize('NFC')
    .replace(NOT_IN_NAMES, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[ .-]+/, '')
    .slice(0, MOST_NAME)
    .trim();
  return `${words || 'clip'} ${at.slice(0, 10)} ${at.slice(11, 19).replaceAll(':', '.')}.${extension}`;
}

/**
 * Answers with an exported file, whole or by range.
 * @throws VD_CLIP_ELSEWHERE, VD_API_RANGE_UNSATISFIABLE
 */
export async function sendExport(
  request: Request,
  response: Response,
  path: string,
  { name, type, isShown }: { readonly name: string; readonly type: string; readonly isShown: boolean },
): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (handle === null) throw clipError('VD_CLIP_ELSEWHERE', 'This machine does not have the file.');
  const { size, mtimeMs } = await handle.stat();
  response.setHeader('Content-Disposition', contentDisposition(name, isShown ? 'inline' : 'attachment'));
  await sendFile(request, response, { handle, sizeBytes: size, modifiedMs: mtimeMs }, { name, type, caching: CACHING.askAgain });
}

/** With a name for whoever knows Latin letters only, and the real one (RFC 6266). */
export function contentDisposition(name: string, kind: 'inline' | 'attachment'): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/["\\]/g, '');
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
}
