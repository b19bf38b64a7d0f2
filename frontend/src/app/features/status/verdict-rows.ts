import type { StatusCauseWire } from '../../api/models';
import { sentence } from '../../core/format';
import type { Told } from '../../core/status-state';
import type { AppTexts } from '../../i18n/en';
import type { HealthTexts } from '../../i18n/health/en';
import type { Key, Params, Say } from '../../i18n/texts';
import type { StatusTexts } from './i18n/en';

/** Something that is wrong, in the viewer's words. */
export interface VerdictRow {
  readonly id: string;
  readonly level: 'warn' | 'bad' | 'unknown';
  readonly text: string;
  /** More of it, that is not translated: what an analyzer or a measure said. */
  readonly detail: string | null;
  readonly fix: string;
  readonly sinceMs: number | null;
  readonly place: { readonly link: readonly string[]; readonly title: string } | null;
  /** To be sent once somebody has seen it. */
  readonly acknowledge: string | null;
}

type Code = StatusCauseWire['code'];
/** Where the cause can be looked at; of one stream it is the stream's page. */
const PAGES: Readonly<Record<Code, { readonly link: string; readonly page: Key<AppTexts> & `pages.${string}` }>> = {
  'database-unreachable': { link: '/system', page: 'pages.system' },
  'database-unwritable': { link: '/system', page: 'pages.system' },
  'media-unwritable': { link: '/system', page: 'pages.system' },
  'no-ingest': { link: '/system', page: 'pages.system' },
  'no-worker': { link: '/system', page: 'pages.system' },
  'listener-down': { link: '/system', page: 'pages.system' },
  'stream-trouble': { link: '/', page: 'pages.wall' },
  'analysis-failing': { link: '/jobs', page: 'pages.jobs' },
  'analysis-behind': { link: '/work', page: 'pages.work' },
  'analysis-skipping': { link: '/work', page: 'pages.work' },
  'streams-unknown': { link: '/system', page: 'pages.system' },
  'process-died': { link: '/system', page: 'pages.system' },
  'database-disk-low': { link: '/system', page: 'pages.system' },
  'media-disk-low': { link: '/system', page: 'pages.system' },
  storage: { link: '/system', page: 'pages.system' },
  'plugin-failed': { link: '/plugins', page: 'pages.plugins' },
  'provider-unusable': { link: '/system', page: 'pages.system' },
  'settings-unmatched': { link: '/system', page: 'pages.system' },
};
/** The cheapest change is found where work is. */
const STAY_AT_WORK: ReadonlySet<Code> = new Set(['analysis-behind', 'analysis-skipping']);

export interface Words {
  readonly t: Say<StatusTexts>;
  readonly app: Say<AppTexts>;
  readonly health: Say<HealthTexts>;
}

/** What is wrong, the gravest first; empty where all is well. */
export function verdictRows(told: Told, words: Words): VerdictRow[] {
  switch (told.by) {
    case 'server':
      return told.causes.map((cause) => causeRow(cause, words));
    case 'health':
      return told.issues.map(({ code, reason, fix }) => ({
        ...{ id: code, level: 'bad', detail: null, sinceMs: told.sinceMs, acknowledge: null, place: null },
        text: sayOr(words.t, healthKey(code), {}, reason),
        fix: sayOr(words.t, `fixes.${code}`, {}, inFull(fix)),
      }));
    case 'page':
      return [
        {
          ...{ id: told.cause, level: told.level, detail: null, sinceMs: told.sinceMs, acknowledge: null, place: null },
          text: words.t(`page.${told.cause}`),
          fix: words.t(`pageFix.${told.cause}`),
        },
      ];
  }
}

function causeRow(cause: StatusCauseWire, words: Words): VerdictRow {
  const { code, level, since, stream, acknowledge, params } = cause;
  const text = causeText(cause, words);
  return {
    id: `${code} ${stream?.id ?? ''} ${cause.analyzer?.id ?? ''} ${JSON.stringify(params['host'] ?? params['node'] ?? params['id'] ?? '')}`,
    level,
    text,
    detail: detailOf(cause, text),
    fix:
      code === 'stream-trouble'
        ? sayOr(words.health, `fixes.${params['issue']}`, {}, inFull(cause.fix))
        : sayOr(words.t, `fixes.${code}`, params, inFull(cause.fix)),
    sinceMs: since === null ? null : Date.parse(since),
    place: placeOf(cause, words),
    acknowledge,
  };
}

/** @example "Analysis of Main stage is 62 s behind: 4 of 5 segments are skipped" */
export function causeText({ code, text, params, stream }: StatusCauseWire, { t, health }: Words): string {
  const streams = Number(params['streams'] ?? 0);
  switch (code) {
    case 'stream-trouble':
      return sayOr(
        t,
        'causes.stream-trouble',
        { ...params, issue: sayOr(health, `issues.${params['issue']}`, {}, String(params['reason'])) },
        text,
      );
    case 'analysis-failing':
      return t.count(params['runs'] === params['of'] ? 'failing' : 'failingSome', streams, params);
    case 'analysis-behind': {
      const behind = t(stream === null ? 'causes.analysis-behind' : 'causes.analysis-behind-of', params);
      return params['skipped'] === undefined ? behind : `${behind}: ${t('skipped', params)}`;
    }
    case 'analysis-skipping':
      return t(stream === null ? 'skipped' : 'skippedOf', params);
    default:
      return sayOr(t, `causes.${code}`, params, text);
  }
}

/** @param text what was said of it already */
function detailOf({ code, params }: StatusCauseWire, text: string): string | null {
  if (code === 'stream-trouble') {
    const reason = String(params['reason']);
    // In the server's words, for what was measured.
    return /\d/.test(reason) && !text.endsWith(reason) ? reason : null;
  }
  if (code === 'analysis-failing') return String(params['code']);
  if (params['why'] !== undefined) return `${params['analyzer']}: ${params['why']}`;
  return null;
}

function placeOf({ code, stream }: StatusCauseWire, { app }: Words): VerdictRow['place'] {
  if (stream !== null && !STAY_AT_WORK.has(code)) return { link: ['/streams', stream.name], title: stream.title };
  const page = PAGES[code] as (typeof PAGES)[Code] | undefined;
  return page === undefined ? null : { link: [page.link], title: app(page.page) };
}

const healthKey = (code: string): string =>
  ({
    'media-unwritable': 'causes.media-unwritable-somewhere',
    'database-unwritable': 'causes.database-unwritable-somehow',
    'database-disk-low': '',
    'media-disk-low': '',
  })[code] ?? `causes.${code}`;

/** A newer server may say what this page has no words for: then its own are taken. */
function sayOr<T>(t: Say<T>, key: string, params: Params, otherwise: string): string {
  const said = t(key as Key<T>, params);
  return key === '' || said.endsWith(key) ? otherwise : said;
}

/** What ended a sentence of the server, as a sentence of its own. */
const inFull = (text: string): string => sentence(text).replace(/[^.!?]$/, '$&.');
