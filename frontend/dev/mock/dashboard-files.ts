import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { refuse } from './answers.ts';

const BUILT = resolve(import.meta.dirname, '../../dist/frontend/browser');
/** The policy the real server sends, so that what it would block is seen here. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'nonce-mock'",
  "font-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** Serves the built dashboard; every address that is no file of it is a page of the application. */
export function serveDashboard(_: IncomingMessage, response: ServerResponse, url: URL): void {
  const wanted = join(BUILT, normalize(url.pathname));
  const isFile = wanted.startsWith(BUILT + sep) && existsSync(wanted) && statSync(wanted).isFile();
  const file = isFile ? wanted : join(BUILT, 'index.html');
  if (!existsSync(file)) {
    const fix = 'npm run build --workspace @vedette/frontend';
    return refuse(response, { status: 503, code: 'MOCK_NOT_BUILT', title: 'The dashboard is not built', detail: BUILT, fix });
  }
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  if (isFile) createReadStream(file).pipe(response);
  else response.end(readFileSync(file, 'utf8').replace('<vd-root', '<vd-root ngCspNonce="mock"'));
}
