import type { StreamKey } from './first-start.js';

/** What a person needs once everything runs. */
export interface BannerFacts {
  readonly version: string;
  readonly readyAfterMs: number;
  readonly dashboardUrl: string;
  /** One-time token that makes the first person; absent once an admin has signed in. */
  readonly token?: string | undefined;
  readonly rtmp?: { readonly server: string; readonly streamKey: StreamKey } | undefined;
  readonly demo: boolean;
  readonly dataDir: string;
  readonly mediaDir: string;
}

/** What is printed ends up in logs: once is enough. */
const keyText = ({ made, file }: StreamKey): string =>
  made === null ? `as before (it is in ${file}; \`vedette stream key live\` makes another)` : `${made}  (shown this once; kept in ${file})`;

/** The one block of text that `vedette up` prints when it is ready. */
export function banner(facts: BannerFacts): string {
  const rows: (readonly [string, string])[] = [
    ['Dashboard', facts.dashboardUrl],
    ...(facts.token === undefined
      ? ([['Sign in', 'as before, or by what `vedette token` gives']] as const)
      : ([
          // Behind the `#`: browsers tell it to no server, and so no log.
          ['Begin here', `${facts.dashboardUrl.replace(/\/+$/, '')}/setup#token=${facts.token}`],
          ['Sign-in token', `${facts.token}  (works once; without setting a name and password)`],
        ] as const)),
    ...(facts.rtmp === undefined
      ? []
      : ([
          ['OBS server', facts.rtmp.server],
          ['Stream key', keyText(facts.rtmp.streamKey)],
        ] as const)),
    ['Streams', facts.demo ? 'live (waits for OBS), demo (runs now; --no-demo leaves it out)' : 'live (waits for OBS)'],
    ['Data', `${facts.dataDir} (database, logs, secrets), ${facts.mediaDir} (segments)`],
  ];
  const seconds = (facts.readyAfterMs / 1000).toFixed(1);
  const body = rows.map(([label, text]) => `  ${label.padEnd(13)} ${text}`).join('\n');
  return `\n  Vedette ${facts.version} is ready after ${seconds} s. Ctrl-C stops everything.\n\n${body}\n\n`;
}
