import { htmlText } from '../runtime/html-text.js';

/** One clip of a case, as it is listed. */
export interface CaseEntry {
  readonly number: string;
  readonly title: string;
  readonly streamId: string;
  readonly mode: string;
  readonly from: string;
  readonly to: string;
  readonly state: string;
  /** Why there is no file of it. */
  readonly problem?: string;
  readonly file?: string;
  readonly events?: string;
  readonly eventCount?: number;
  readonly sha256?: string | null;
  readonly sizeBytes?: number | null;
  readonly result?: object | null;
}

export interface ListedCase {
  readonly title: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly clips: readonly CaseEntry[];
}

const HEAD = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">';
const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:1.5rem auto;max-width:70rem;padding:0 1rem}' +
  'video{width:100%;max-height:60vh;background:#000}section{border-top:1px solid #8888;padding:1rem 0}code{overflow-wrap:anywhere}';

/** A page to look through a case with, from the folder that its archive was unpacked into. */
export function caseIndexPage({ title, createdAt, createdBy, clips }: ListedCase): string {
  const name = htmlText(title);
  const head = `${HEAD}<title>${name}</title><style>${STYLE}</style>`;
  const made = `<p>Made ${time(createdAt)} by ${htmlText(createdBy)}. <a href="case.json">case.json</a> says the same for programs.</p>`;
  const body = `<h1>${name}</h1>${made}${clips.map(section).join('')}`;
  return `<!doctype html><html lang="en"><head>${head}</head><body>${body}</body></html>\n`;
}

function section(entry: CaseEntry): string {
  const { number, title, streamId, mode, from, to } = entry;
  const where = `${time(from)} to ${time(to)}, stream <code>${htmlText(streamId)}</code>, ${htmlText(mode)}`;
  return `<section><h2>${number} ${htmlText(title)}</h2><p>${where}</p>${contents(entry)}</section>`;
}

function contents({ problem, file, events, eventCount, sha256 }: CaseEntry): string {
  if (file === undefined || events === undefined) return `<p>There is no clip of it: ${htmlText(problem ?? '')}</p>`;
  const player = `<video controls preload="none" src="${address(file)}"></video>`;
  const links = `<a href="${address(file)}">MP4</a>, <a href="${address(events)}">${eventCount ?? 0} events</a> (JSON Lines)`;
  return `${player}<p>${links}</p><p>SHA-256 <code>${sha256 ?? ''}</code></p>`;
}

const address = (name: string): string => name.split('/').map(encodeURIComponent).join('/');
const time = (iso: string): string => `${htmlText(iso.slice(0, 19).replace('T', ' '))} UTC`;
