import { describe, expect, it } from 'vitest';
import type { BackfillWire, BrandWire, ReferenceWire } from '../../api/models';
import { TeachState, type TeachApi } from './teach-state';

const FRAME = { streamId: 's', epochId: 'e', ptsUs: 5 };

function stateOf(over: Partial<TeachApi> = {}) {
  const sent: unknown[] = [];
  const api: TeachApi = {
    brands: async () => [{ id: 'acme', name: 'Acme' } as BrandWire],
    createBrand: async ({ name }) => (sent.push(name), { id: 'new', name } as BrandWire),
    addReferenceFromFrame: async (id, body) => (sent.push([id, body]), { id: 'ref' } as ReferenceWire),
    findBrand: async (id, body) => (sent.push([id, body]), { id: 'job', state: 'queued' } as BackfillWire),
    backfill: async () => ({ id: 'job', state: 'done' }) as BackfillWire,
    ...over,
  };
  return { state: new TeachState(api, { every: () => () => undefined }, () => undefined), sent };
}

describe(TeachState.name, () => {
  it('makes of a box, drawn from any corner, an image of a brand, and looks for it', async () => {
    const { state, sent } = stateOf();
    await state.begin();
    state.corners.set([[0.5, 0.6], [0.25, 0.2]]); // prettier-ignore
    expect(state.box()).toEqual({ x: 0.25, y: 0.2, width: 0.25, height: expect.closeTo(0.4, 6) as number });
    expect(state.canTeach()).toBe(false);
    state.brandId.set('acme');
    await state.teach(FRAME);
    expect(sent).toEqual([['acme', { ...FRAME, box: { x: 0.25, y: 0.2, width: 0.25, height: expect.closeTo(0.4, 6) as number } }]]);
    await state.find('s', 0, 1_000);
    expect(sent[1]).toEqual([
      'acme',
      { streamIds: ['s'], from: '1970-01-01T00:00:00.000Z', to: '1970-01-01T00:00:01.000Z', applies: true },
    ]);
    expect(state.search.job()?.id).toBe('job');
  });

  it('makes no second brand where the image was refused at first', async () => {
    let refusals = 1;
    const { state, sent } = stateOf({
      addReferenceFromFrame: async () => {
        if (refusals-- > 0) throw new Error('too small');
        return { id: 'ref' } as ReferenceWire;
      },
    });
    await state.begin();
    state.newTitle.set(' Globex ');
    state.corners.set([[0, 0], [0.5, 0.5]]); // prettier-ignore
    await state.teach(FRAME);
    expect(state.problem()).not.toBeNull();
    await state.teach(FRAME);
    expect(sent).toEqual(['Globex']);
    expect(state.taught()?.brand.id).toBe('new');
  });

  it('takes a slip of the hand for no box', () => {
    const { state } = stateOf();
    state.corners.set([[0.5, 0.5], [0.505, 0.7]]); // prettier-ignore
    expect(state.box()).toBeNull();
  });
});
