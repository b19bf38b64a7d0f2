import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile, realpath } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** Nest token: folder of the built dashboard. */
export const WEB_ROOT = Symbol.for('vedette.web-root');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.map': 'application/json; charset=utf-8',
};
/** Angular puts a hash of the content into names: such a file never changes. */
const HASHED = /-[A-Z0-9]{8}\.\w+$/;
const RESERVED = /^\/(api|ws|streaming)(\/|$)/;

/** Serves the dashboard: files as they are, every other page address as index.html. Open to all: it holds no data. */
export function spa(root: string): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    if ((request.method !== 'GET' && request.method !== 'HEAD') || RESERVED.test(request.path)) {
      next();
      return;
    }
    serve(root, request, response).then((served) => {
      if (!served) next();
    }, next);
  };
}

async function serve(root: string, request: Request, response: Response): Promise<boolean> {
  let path: string;
  try {
    path = normalize(decodeURIComponent(request.path));
  } catch {
    return false;
  }
  if (path.includes('\0') || path.split(sep).some((part) => part.startsWith('.'))) return false;
  const wanted = extname(path) === '' ? 'index.html' : path;
  const file = await within(root, wanted);
  if (file === null) {
    if (wanted === 'index.html' && !existsSync(join(root, 'index.html'))) return notBuilt(response);
    return false;
  }
  return wanted === 'index.html' ? sendPage(file, request, response) : sendFile(file, request, response);
}

/** What the dashboard's addresses are relative to, as the build writes it. */
const BASE = /<base href="[^"]*"/;

/**
 * The folder of the dashboard as seen from a page of it: a proxy may have put it below a path that only the browser knows.
 * @example baseOf('/live/door') === '../'
 */
export function baseOf(pagePath: string): string {
  return '../'.repeat(Math.max(0, pagePath.split('/').length - 2)) || './';
}

async function sendPage(file: string, request: Request, response: Response): Promise<boolean> {
  const page = Buffer.from((await readFile(file, 'utf8')).replace(BASE, `<base href="${baseOf(request.path)}"`));
  const etag = `"${createHash('sha256').update(page).digest('base64url').slice(0, 22)}"`;
  response
    .setHeader('Content-Type', TYPES['.html'] ?? '')
    .setHeader('Cache-Control', 'no-cache')
    .setHeader('ETag', etag);
  if (request.headers['if-none-match'] === etag) response.status(304).end();
  else if (request.method === 'HEAD') response.setHeader('Content-Length', page.length).end();
  else response.end(page);
  return true;
}

/** The file's real place, if that is below the root. */
async function within(root: string, path: string): Promise<string | null> {
  try {
    const base = await realpath(root);
    const file = await realpath(join(base, path));
    return file.startsWith(base + sep) ? file : null;
  } catch {
    return null; // not there
  }
}

async function sendFile(file: string, request: Request, response: Response): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return false;
    const etag = `"${stat.size.toString(36)}-${Math.trunc(stat.mtimeMs).toString(36)}"`;
    response.setHeader('Content-Type', TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream');
    response.setHeader('Cache-Control', HASHED.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.setHeader('ETag', etag);
    if (request.headers['if-none-match'] === etag) {
      response.status(304).end();
      return true;
    }
    response.setHeader('Content-Length', stat.size);
    if (request.method === 'HEAD') response.end();
    else await pipeline(handle.createReadStream({ autoClose: false }), response).catch(() => response.destroy()); // the reader left
    return true;
  } finally {
    await handle.close();
  }
}

function notBuilt(response: Response): boolean {
  response
    .status(503)
    .setHeader('Content-Type', 'text/html; charset=utf-8')
    .setHeader('Cache-Control', 'no-store')
    .end(
      '<!doctype html><meta charset="utf-8"><title>Vedette</title><h1>The dashboard is not built</h1>' +
        '<p>Run <code>npm run build:web</code> and reload this page. The API is up.</p>',
    );
  return true;
}
