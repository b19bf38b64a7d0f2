import type { Key } from '../i18n/texts';
import type { AppTexts } from '../i18n/en';
import type { IconName } from '../shared/ui/icon';

export type PageName = keyof AppTexts['pages'];

export interface PageLink {
  readonly name: PageName;
  readonly link: string;
  readonly icon: IconName;
  readonly title: Key<AppTexts> & `pages.${string}`;
  /** On a phone there is room for these; the others are behind "More". */
  readonly isFirst?: true;
}

/** Where one can go, in the order of the day: look, find, account for, tend. */
export const PAGES: readonly PageLink[] = [
  { name: 'wall', link: '/', icon: 'wall', title: 'pages.wall', isFirst: true },
  { name: 'events', link: '/events', icon: 'events', title: 'pages.events', isFirst: true },
  { name: 'search', link: '/search', icon: 'search', title: 'pages.search', isFirst: true },
  { name: 'exposure', link: '/exposure', icon: 'exposure', title: 'pages.exposure', isFirst: true },
  { name: 'logos', link: '/logos', icon: 'brand', title: 'pages.logos' },
  { name: 'jobs', link: '/jobs', icon: 'jobs', title: 'pages.jobs' },
  { name: 'work', link: '/work', icon: 'work', title: 'pages.work' },
  { name: 'plugins', link: '/plugins', icon: 'plugin', title: 'pages.plugins' },
  { name: 'settings', link: '/settings', icon: 'settings', title: 'pages.settings' },
  { name: 'system', link: '/system', icon: 'system', title: 'pages.system' },
];
