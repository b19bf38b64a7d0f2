export const en = {
  title: 'Events',
  open: { one: '{{count}} open', other: '{{count}} open' },
  looking: 'Looking for events…',
  noneSoFar: 'Nothing happened in what was analysed, up to {{time}}.',
  noneThen: 'No event is known of this stretch of time. Whether all of it was looked at, the coverage of the timeline says.',
  notYet: 'Nothing is analysed yet: events are listed here as they are found.',
  show: 'Show in the player',
  running: 'goes on, known up to {{time}}',
  began: '{{name}} began',
  ended: '{{name}} ended',
};
export type EventListTexts = typeof en;
