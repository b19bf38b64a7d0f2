import { existsSync } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
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
  return sendFile(file, request, response);
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
        '<p>Run <code>npm run build:web</code> and reload this page. The API is up at <a href="/api/openapi.json">/api</a>.</p>',
    );
  return true;
}
