import { createHash } from 'node:crypto';
import { htmlText } from '../../runtime/html-text.js';

/** What a page of a link shows. */
export interface SharedClip {
  readonly title: string;
  readonly from: string;
  readonly to: string;
  readonly expiresAt: string;
  /** Relative to the page: it may stand below any path. Null while the clip is made. */
  readonly video: string | null;
  /** 0..1 */
  readonly progress: number;
}

const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;display:grid;justify-items:center}
main{width:min(100% - 2rem,70rem);margin:1.5rem 0}
h1{font-size:1.25rem;margin:0 0 .5rem;overflow-wrap:anywhere}
video{width:100%;max-height:75vh;background:#000;border-radius:.25rem}
p{margin:.5rem 0}
small{opacity:.8}
`;
const STYLE_HASH = createHash('sha256').update(STYLE, 'utf8').digest('base64');

/** The page holds nothing but a video of this server, and runs nothing. */
export const SHARE_POLICY =
  `default-src 'none'; media-src 'self'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; ` +
  `frame-ancestors 'none'`;

const WAIT_S = 5;

export function sharePage({ title, from, to, expiresAt, video, progress }: SharedClip): string {
  const told = `<p>${time(from)} to ${time(to)}</p>`;
  const until = `<p><small>This link works until ${time(expiresAt)}.</small></p>`;
  if (video === null) {
    const share = `${Math.floor(progress * 100)} %`;
    return page(title, `${told}<p>The clip is being made: ${share}. This page looks again by itself.</p>${until}`, WAIT_S);
  }
  const source = htmlText(video);
  const player = `<video controls playsinline preload="metadata" src="${source}"></video>`;
  return page(title, `${player}${told}<p><a href="${source}" download>Download (MP4)</a></p>${until}`);
}

/** What went wrong, for whoever was sent the link. */
export const shareProblemPage = (title: string, detail: string, fix: string): string =>
  page(title, `<p>${htmlText(detail)}</p><p>${htmlText(fix)}</p>`);

function page(title: string, body: string, refreshS?: number): string {
  const refresh = refreshS === undefined ? '' : `<meta http-equiv="refresh" content="${refreshS}">`;
  const head =
    `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">${refresh}` +
    `<title>${htmlText(title)}</title><style>${STYLE}</style>`;
  return `<!doctype html><html lang="en"><head>${head}</head><body><main><h1>${htmlText(title)}</h1>${body}</main></body></html>\n`;
}

const time = (iso: string): string => `<time datetime="${htmlText(iso)}">${htmlText(iso.slice(0, 19).replace('T', ' '))} UTC</time>`;
