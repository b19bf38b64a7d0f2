import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';

/** Nest token: folder of the built dashboard. */
export const WEB_ROOT = Symbol.for('vedette.web-root');

/** Angular puts a hash of the content into names: such a file never changes. */
const HASHED = /-[A-Z0-9]{8}\.\w+$/;
const RESERVED = /^\/(api|ws|streaming)(\/|$)/;

/** Serves the dashboard: files as they are, every other page address as index.html. Open to all: it holds no data. */
export function spa(root: string): RequestHandler {
  const files = express.static(root, {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (response, file) =>
      void response.setHeader('Cache-Control', HASHED.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache'),
  });
  return (request: Request, response: Response, next: NextFunction): void => {
    const isAsked = request.method === 'GET' || request.method === 'HEAD';
    if (!isAsked || RESERVED.test(request.path) || !isPlain(request.path)) return next();
    if (extname(request.path) === '') {
      if (!existsSync(join(root, 'index.html'))) return notBuilt(response);
      request.url = '/index.html';
    }
    files(request, response, next);
  };
}

/** Whether a page could have this address: it can be decoded, and names nothing hidden. */
function isPlain(path: string): boolean {
  try {
    return !/\0|(^|[/\\])\./.test(decodeURIComponent(path));
  } catch {
    return false;
  }
}

function notBuilt(response: Response): void {
  response
    .status(503)
    .setHeader('Content-Type', 'text/html; charset=utf-8')
    .setHeader('Cache-Control', 'no-store')
    .end(
      '<!doctype html><meta charset="utf-8"><title>Vedette</title><h1>The dashboard is not built</h1>' +
        '<p>Run <code>npm run build:web</code> and reload this page. The API is up at <a href="/api/openapi.json">/api</a>.</p>',
    );
}
