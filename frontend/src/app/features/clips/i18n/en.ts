export const en = {
  heading: '{{from}} to {{to}}, {{length}}',
  close: 'Let go of the range',
  cancel: 'Cancel',
  viewer: 'Clips, links and another analysis are made by admins. Mark another range, or play this one.',
  states: {
    queued: 'Waits for its turn',
    running: 'Is being made',
    paused: 'Paused',
    done: 'Done',
    failed: 'Failed',
    cancelled: 'Cancelled',
  },
  clip: {
    heading: 'Clip',
    mode: 'How it is cut',
    modes: { copy: 'As recorded', exact: 'To the frame', burned: 'With boxes' },
    hints: {
      copy: 'Whole segments around the range, at once.',
      exact: 'From this frame to that one; only the ends are encoded anew.',
      burned: 'To the frame, with what was seen drawn in; all of it is encoded.',
    },
    make: 'Make the clip',
    save: 'Save the MP4',
  },
  share: {
    heading: 'Link',
    lasts: 'Valid for',
    hint: 'Whoever has it sees the clip, without signing in.',
    make: 'Make a link',
    link: 'Link, told this once',
  },
  again: {
    heading: 'Analyse again',
    analyzer: 'Analyzer',
    choose: 'Choose one',
    onlyMissing: 'Only what was missed',
    segments: { one: '{{count}} segment', other: '{{count}} segments' },
    cost: 'about {{time}} of one core',
    make: 'Analyse again',
    jobs: 'All jobs',
  },
};
export type ClipsTexts = typeof en;
