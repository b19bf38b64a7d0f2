import { describe, expect, it } from 'vitest';
import { WallPrefs, type Store } from './wall-prefs';

function store(kept: string | null = null): Store & { kept: string | null } {
  return {
    kept,
    getItem() {
      return this.kept;
    },
    setItem(_: string, value: string) {
      this.kept = value;
    },
  };
}
const STREAMS = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
const names = (prefs: WallPrefs, streams = STREAMS): string =>
  prefs
    .arranged(streams)
    .map(({ name, streams: members }) => `${name}:${members.map((one) => one.name).join('')}`)
    .join(' ');

describe(WallPrefs.name, () => {
  it('leaves what nobody arranged as it comes', () => {
    expect(names(new WallPrefs(store()))).toBe(':abcd');
    expect(names(new WallPrefs(null))).toBe(':abcd');
  });

  it('keeps order and groups for the next visit, new streams after what was arranged', () => {
    const kept = store();
    const prefs = new WallPrefs(kept);
    prefs.put('d', '', 'a', ['a', 'b', 'c', 'd']);
    prefs.assign('b', '  Hall ');
    expect(names(prefs)).toBe('Hall:b :dac');
    const again = new WallPrefs(kept);
    expect(names(again, [{ name: 'new' }, ...STREAMS])).toBe('Hall:b :dacnew');
    expect([again.groupNames(), again.groupOf('b'), again.groupOf('a')]).toEqual([['Hall'], 'Hall', '']);
    again.assign('b', '');
    expect(names(again)).toBe(':dabc');
  });

  it('keeps the places of streams that a filter hides', () => {
    const prefs = new WallPrefs(store());
    prefs.put('d', '', 'b', ['a', 'b', 'c', 'd']);
    prefs.put('c', '', 'a', ['a', 'c']);
    expect(names(prefs)).toBe(':cadb');
  });

  it('does not take what something else left in the store, nor fail where nothing can be kept', () => {
    for (const odd of ['{', 'null', '{"order":[1],"groups":{"a":2}}', '{"order":"x","groups":[]}'])
      expect(names(new WallPrefs(store(odd)))).toBe(':abcd');
    const full: Store = {
      getItem: () => null,
      setItem: () => {
        throw new Error('full');
      },
    };
    const prefs = new WallPrefs(full);
    prefs.put('d', '', 'a', ['a', 'b', 'c', 'd']);
    expect(names(prefs)).toBe(':dabc');
  });
});
