import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { withStyleNonce } from '../http/security-headers.js';

/** Nest token: folder of the built dashboard. */
export const WEB_ROOT = Symbol.for('vedette.web-root');

/** Angular puts a hash of the content into names: such a file never changes. */
const HASHED = /-[A-Z0-9]{8}\.\w+$/;
const RESERVED = /^\/(api|ws|streaming|share)(\/|$)/;

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
    if (extname(request.path) !== '') return files(request, response, next);
    const page = join(root, 'index.html');
    if (!existsSync(page)) return notBuilt(response);
    sendPage(page, request, response).catch(next);
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

/** What the dashboard's addresses are relative to, as the build writes it. */
const BASE = /<base href="[^"]*"/;

/**
 * The folder of the dashboard as seen from a page of it: a proxy may have put it below a path that only the browser knows.
 * @example baseOf('/streams/door') === '../'
 */
export function baseOf(pagePath: string): string {
  return '../'.repeat(Math.max(0, pagePath.split('/').length - 2)) || './';
}

const ROOT_ELEMENT = '<vd-root';
const NONCE_BYTES = 16;

/** Each with a nonce of its own, so that no copy of a page is good for another policy. */
async function sendPage(file: string, request: Request, response: Response): Promise<void> {
  const nonce = randomBytes(NONCE_BYTES).toString('base64url');
  const page = (await readFile(file, 'utf8'))
    .replace(BASE, `<base href="${baseOf(request.path)}"`)
    .replace(ROOT_ELEMENT, `${ROOT_ELEMENT} ngCspNonce="${nonce}"`);
  const policy = response.getHeader('Content-Security-Policy');
  if (typeof policy === 'string') response.setHeader('Content-Security-Policy', withStyleNonce(policy, nonce));
  response.setHeader('Content-Type', 'text/html; charset=utf-8').setHeader('Cache-Control', 'no-store');
  if (request.method === 'HEAD') response.setHeader('Content-Length', Buffer.byteLength(page)).end();
  else response.end(page);
}

function notBuilt(response: Response): void {
  response
    .status(503)
    .setHeader('Content-Type', 'text/html; charset=utf-8')
    .setHeader('Cache-Control', 'no-store')
    .end(
      '<!doctype html><meta charset="utf-8"><title>Vedette</title><h1>The dashboard is not built</h1>' +
        '<p>Run <code>npm run build:web</code> and reload this page. The API is up.</p>',
    );
}
