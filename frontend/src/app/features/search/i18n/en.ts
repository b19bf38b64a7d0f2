export const en = {
  head: { title: 'Search', text: 'Brands, events, texts and labels, on all streams, with the moment at which they were to be seen.' },
  field: { label: 'What to look for', placeholder: 'A brand, a word on screen, a label…' },
  filter: { kind: 'Kind', all: 'Everything', stream: 'Stream', allStreams: 'All streams', time: 'Time' },
  days: { '1': 'Last 24 hours', '7': 'Last 7 days', '31': 'Last 31 days' },
  kinds: { brand: 'Brands', event: 'Events', text: 'Texts on screen', label: 'Labels' },
  more: 'More of these',
  seen: { one: 'seen once', other: 'seen {{count}} times' },
  notSeen: 'not seen in this time',
  library: 'Show in the library',
  found: { one: '{{count}} result', other: '{{count}} results' },
  foundMore: 'More than {{count}} results',
  asking: 'Looking for it',
  begin: {
    heading: 'What are you looking for?',
    text: 'Two letters are enough. Each result leads to the moment in the player. The key / brings you here from everywhere.',
  },
  none: {
    heading: 'Nothing found for “{{text}}”',
    text: 'Look at a longer time, at all streams, or for a part of the word.',
    longer: 'Look at the last 31 days',
  },
  picture: '{{title}}, as seen on {{stream}} at {{time}}',
};
export type SearchTexts = typeof en;
