import { describe, expect, it } from 'vitest';
import { CellMask } from './cell-mask.js';
import { motionConfig } from './config.js';

describe('the config of motion', () => {
  it('needs nothing', () => {
    expect(motionConfig.parse({})).toMatchObject({ fps: 5, sensitivity: 0.5, masks: [], minDuration: 400, quiet: 2000 });
  });

  it.each([
    [{ masks: [{ box: [0.5, 0.5, 0.6, 0.1] }] }, 'within 0..1'],
    [{ masks: [{ box: [0.5, 0.5, 0, 0.1] }] }, 'with width and height'],
    [
      {
        masks: [
          {
            polygon: [
              [0, 0],
              [1, 1],
            ],
          },
        ],
      },
      '',
    ],
    [
      {
        masks: [
          {
            polygon: [
              [0, 0],
              [0.5, 0.5],
              [1, 1],
            ],
          },
        ],
      },
      'encloses something',
    ],
    [
      {
        masks: [
          {
            polygon: [
              [0, 0],
              [1, 0],
              [1, 1.2],
            ],
          },
        ],
      },
      '',
    ],
    [{ masks: [{ box: [0, 0, 1, 1] }] }, 'leave nothing of the picture'],
    [{ areas: [{ box: [0, 0, 0.2, 0.2] }], masks: [{ box: [0, 0, 0.5, 0.5] }] }, 'leave nothing of the picture'],
    [
      {
        masks: [
          {
            box: [0, 0, 0.1, 0.1],
            polygon: [
              [0, 0],
              [1, 0],
              [1, 1],
            ],
          },
        ],
      },
      '',
    ],
    [{ sensitivity: 2 }, ''],
    [{ quiet: 2 }, ''],
    [{ mask: [] }, ''],
  ])('refuses %j', (config, reason) => {
    const { success, error } = motionConfig.safeParse(config);
    expect(success).toBe(false);
    expect(JSON.stringify(error?.issues)).toContain(reason);
  });
});

describe(CellMask.name, () => {
  it('leaves out boxes and polygons, and looks only where it is told to', () => {
    const rowsOf = ({ cells }: CellMask): string[] => [0, 1, 2, 3].map((row) => cells.slice(row * 4, row * 4 + 4).join(''));
    expect(rowsOf(CellMask.of([{ box: [0, 0, 0.5, 0.5] }], undefined, 4, 4))).toEqual(['0011', '0011', '1111', '1111']);
    const triangle = {
      polygon: [
        [0, 0],
        [1, 0],
        [0, 1],
      ] as [number, number][],
    };
    expect(rowsOf(CellMask.of([], [triangle], 4, 4))).toEqual(['1110', '1100', '1000', '0000']);
    expect(CellMask.of([{ box: [0, 0, 1, 0.25] }], [triangle], 4, 4).watched).toBe(3);
  });
});
