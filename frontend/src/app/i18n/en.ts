/** What is on every page. */
export const en = {
  pages: {
    wall: 'Wall',
    stream: 'Stream',
    events: 'Events',
    exposure: 'Exposure',
    logos: 'Logos',
    search: 'Search',
    jobs: 'Jobs',
    work: 'Work',
    plugins: 'Plugins',
    settings: 'Settings',
    system: 'System',
    setup: 'Set up',
  },
  nav: { label: 'Pages', more: 'More', skip: 'Skip to the content', home: 'Vedette, start page' },
  account: {
    label: 'Account',
    signedInAs: 'Signed in as {{name}}',
    signOut: 'Sign out',
    theme: 'Appearance',
    themes: { system: 'As the system', dark: 'Dark', light: 'Light' },
    language: 'Language',
  },
  keys: { help: 'Keyboard shortcuts' },
  state: { loading: 'Loading', again: 'Try again', asOf: 'What you see is of {{time}}: it cannot be asked for now.' },
  forbidden: { title: 'Only an admin may see this', text: 'You are signed in as {{name}}, who may look at streams and results.' },
  copy: { do: 'Copy', done: 'Copied', what: 'Copy {{what}}' },
  confirm: { cancel: 'Cancel' },
};
export type AppTexts = typeof en;
