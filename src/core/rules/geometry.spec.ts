import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../test/support/tracking/motion-scene.js';
import { Box } from '../plugin-api/index.js';
import { CodedError } from '../plugin-api/error.js';
import { crossings, distanceTo, doubleArea, isInside, shareInside } from './geometry.js';
import { checkGeometry } from './geometry-check.js';
import type { Point01, RuleKind } from './rule.js';

const SQUARE: Point01[] = [
  [0.2, 0.2],
  [0.6, 0.2],
  [0.6, 0.6],
  [0.2, 0.6],
];
/** A square with a notch cut into its top. */
const NOTCHED: Point01[] = [
  [0.2, 0.2],
  [0.4, 0.5],
  [0.6, 0.2],
  [0.6, 0.6],
  [0.2, 0.6],
];

describe('zones', () => {
  it('hold what lies in them, and share no point with their neighbour', () => {
    expect(isInside([0.4, 0.4], SQUARE)).toBe(true);
    expect(isInside([0.7, 0.4], SQUARE)).toBe(false);
    expect(isInside([0.4, 0.3], NOTCHED)).toBe(false);
    expect(isInside([0.25, 0.4], NOTCHED)).toBe(true);
    const [left, right] = [
      [0.25, 0.5],
      [0.5, 0.75],
    ].map(([from, to]): Point01[] => [
      [from!, 0.25],
      [to!, 0.25],
      [to!, 0.75],
      [from!, 0.75],
    ]);
    // On the common edge: in exactly one of the two.
    expect([left!, right!].filter((zone) => isInside([0.5, 0.4], zone))).toEqual([right]);
  });

  it('cover the share of a box that can be reckoned by hand', () => {
    expect(shareInside(Box.from01(0.3, 0.3, 0.1, 0.1), SQUARE)).toBeCloseTo(1, 9);
    expect(shareInside(Box.from01(0.5, 0.3, 0.2, 0.2), SQUARE)).toBeCloseTo(0.5, 9);
    expect(shareInside(Box.from01(0.1, 0.1, 0.2, 0.2), SQUARE)).toBeCloseTo(0.25, 9);
    expect(shareInside(Box.from01(0.8, 0.8, 0.1, 0.1), SQUARE)).toBe(0);
    // The notch takes a triangle of 0.4 x 0.3 / 2 from a box that covers all: (0.16 - 0.06) / 1.
    expect(shareInside(Box.from01(0, 0, 1, 1), NOTCHED)).toBeCloseTo(0.1, 9);
    expect(shareInside(Box.from01(0.3, 0.3, 0, 0.1), SQUARE)).toBe(0);
  });

  it('are so far away', () => {
    expect(distanceTo([0.7, 0.4], SQUARE, true)).toBeCloseTo(0.1, 9);
    expect(distanceTo([0.9, 1], SQUARE, true)).toBeCloseTo(0.5, 9);
    expect(distanceTo([0.1, 0.4], SQUARE, true)).toBeCloseTo(0.1, 9);
    expect(distanceTo([0.1, 0.4], SQUARE, false)).toBeCloseTo(Math.hypot(0.1, 0.2), 9);
  });

  it('agree with a count of sample points, for random simple polygons and boxes', () => {
    const random = seededRandom(5);
    let compared = 0;
    for (let round = 0; round < 50; round++) {
      // Points around a centre by angle: mostly simple, mostly not convex.
      const angles = Array.from({ length: 3 + Math.floor(random() * 6) }, () => random() * 2 * Math.PI).sort((a, b) => a - b);
      const polygon = angles.map((angle): Point01 => {
        const radius = 0.1 + random() * 0.35;
        return [0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)];
      });
      if (!isSimple(polygon)) continue;
      const box = Box.from01(random() * 0.6, random() * 0.6, 0.1 + random() * 0.3, 0.1 + random() * 0.3);
      let hits = 0;
      for (let i = 0; i < 60; i++)
        for (let j = 0; j < 60; j++)
          if (isInside([box.x + (box.width * (i + 0.5)) / 60, box.y + (box.height * (j + 0.5)) / 60], polygon)) hits++;
      expect(shareInside(box, polygon)).toBeCloseTo(hits / 3_600, 1);
      compared++;
    }
    expect(compared).toBeGreaterThan(20);
  });
});

describe(crossings.name, () => {
  const down: Point01[] = [
    [0.5, 0.1],
    [0.5, 0.9],
  ];

  it('tells from which side, and when', () => {
    // Walking down the screen, the right hand is on the left of the picture.
    expect(crossings([0.6, 0.4], [0.4, 0.4], down)).toEqual(
      [{ direction: 1, along: 0.5 }].map((c) => ({ ...c, along: expect.closeTo(c.along, 9) as number })),
    );
    expect(crossings([0.3, 0.4], [0.7, 0.4], down)).toMatchObject([{ direction: -1 }]);
    expect(crossings([0.4, 0.4], [0.49, 0.4], down)).toEqual([]);
    expect(crossings([0.4, 0.95], [0.6, 0.95], down)).toEqual([]);
  });

  it('counts a joint of the line once', () => {
    const bent: Point01[] = [
      [0.1, 0.5],
      [0.5, 0.5],
      [0.9, 0.5],
    ];
    expect(crossings([0.5, 0.4], [0.5, 0.6], bent)).toMatchObject([{ direction: 1 }]);
    expect(crossings([0.5, 0.6], [0.5, 0.4], bent)).toMatchObject([{ direction: -1 }]);
  });

  it('counts the last point of the line, and a step that ends on it once with the next', () => {
    expect(crossings([0.4, 0.9], [0.6, 0.9], down)).toHaveLength(1);
    const [before, on, after] = [
      [0.4, 0.5],
      [0.5, 0.5],
      [0.6, 0.5],
    ] as [Point01, Point01, Point01];
    expect([...crossings(before, on, down), ...crossings(on, after, down)]).toMatchObject([{ direction: -1 }]);
    expect([...crossings(after, on, down), ...crossings(on, before, down)]).toMatchObject([{ direction: 1 }]);
    expect([...crossings(before, on, down), ...crossings(on, before, down)]).toEqual([]);
  });

  it('finds both of a step over two arms, in order', () => {
    const arms: Point01[] = [
      [0.4, 0.1],
      [0.4, 0.9],
      [0.6, 0.9],
      [0.6, 0.1],
    ];
    expect(crossings([0.3, 0.5], [0.7, 0.5], arms).map(({ direction }) => direction)).toEqual([-1, 1]);
  });
});

describe(checkGeometry.name, () => {
  const refused: [string, RuleKind, readonly (readonly number[])[]][] = [
    [
      'two points',
      'zone',
      [
        [0, 0],
        [1, 1],
      ],
    ],
    ['no points', 'line', []],
    ['one point', 'line', [[0, 0]]],
    ['too many points', 'zone', Array.from({ length: 65 }, (_, n) => [n / 65, (n % 2) / 2])],
    [
      'a point outside',
      'zone',
      [
        [0, 0],
        [1.1, 0],
        [0, 1],
      ],
    ],
    [
      'NaN',
      'zone',
      [
        [0, 0],
        [Number.NaN, 0],
        [0, 1],
      ],
    ],
    [
      'infinity',
      'line',
      [
        [0, 0],
        [Infinity, 0],
      ],
    ],
    [
      'a bow tie',
      'zone',
      [
        [0.1, 0.1],
        [0.9, 0.9],
        [0.9, 0.1],
        [0.1, 0.9],
      ],
    ],
    [
      'a polygon closed by hand',
      'zone',
      [
        [0.1, 0.1],
        [0.9, 0.1],
        [0.9, 0.9],
        [0.1, 0.1],
      ],
    ],
    [
      'a doubled point',
      'dwell',
      [
        [0.1, 0.1],
        [0.1, 0.1],
        [0.9, 0.9],
        [0.1, 0.9],
      ],
    ],
    [
      'a corner on a side',
      'zone',
      [
        [0.1, 0.1],
        [0.9, 0.1],
        [0.9, 0.9],
        [0.5, 0.1],
        [0.1, 0.9],
      ],
    ],
    [
      'a side that runs back',
      'zone',
      [
        [0.1, 0.1],
        [0.9, 0.1],
        [0.5, 0.1],
        [0.5, 0.9],
      ],
    ],
    [
      'no area',
      'count',
      [
        [0.1, 0.1],
        [0.5, 0.1],
        [0.9, 0.1],
      ],
    ],
    [
      'a line over itself',
      'line',
      [
        [0.1, 0.5],
        [0.9, 0.5],
        [0.9, 0.9],
        [0.5, 0.9],
        [0.5, 0.1],
      ],
    ],
    [
      'a point of three numbers',
      'line',
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
    ],
  ];
  it.each(refused)('refuses %s', (_, kind, points) => {
    expect(() => checkGeometry(kind, points as unknown as Point01[])).toThrow(
      expect.objectContaining({ code: 'VD_RULE_GEOMETRY' }) as Error,
    );
  });

  it('takes what is simple, whichever way round', () => {
    for (const points of [SQUARE, [...SQUARE].reverse(), NOTCHED]) expect(() => checkGeometry('zone', points)).not.toThrow();
    expect(() =>
      checkGeometry('line', [
        [0, 0],
        [1, 1],
      ]),
    ).not.toThrow();
    expect(() =>
      checkGeometry('line', [
        [0.1, 0.1],
        [0.9, 0.1],
        [0.9, 0.9],
        [0.1, 0.9],
        [0.1, 0.2],
      ]),
    ).not.toThrow();
  });

  it('refuses every polygon of 2,000 random ones of which a sampling shows that it crosses itself, and takes no other way out', () => {
    const random = seededRandom(11);
    let taken = 0;
    for (let round = 0; round < 2_000; round++) {
      const points = Array.from({ length: 3 + Math.floor(random() * 4) }, (): Point01 => [
        Math.round(random() * 20) / 20,
        Math.round(random() * 20) / 20,
      ]);
      let error: unknown;
      try {
        checkGeometry('zone', points);
        taken++;
      } catch (caught) {
        error = caught;
      }
      if (error !== undefined) expect(error).toBeInstanceOf(CodedError);
      const proper = points.some((a, i) =>
        points.some(
          (c, j) =>
            j > i + 1 && !(i === 0 && j === points.length - 1) && crossesProperly(a, points[i + 1]!, c, points[(j + 1) % points.length]!),
        ),
      );
      if (proper) expect(error, JSON.stringify(points)).toBeDefined();
      if (error === undefined) expect(Math.abs(doubleArea(points))).toBeGreaterThan(0);
    }
    expect(taken).toBeGreaterThan(500);
  });
});

function isSimple(polygon: readonly Point01[]): boolean {
  try {
    checkGeometry('zone', polygon);
    return true;
  } catch {
    return false;
  }
}

/** By solving for the point of intersection, not by turns as the check does. */
function crossesProperly([ax, ay]: Point01, [bx, by]: Point01, [cx, cy]: Point01, [dx, dy]: Point01): boolean {
  const divisor = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx);
  if (Math.abs(divisor) < 1e-12) return false;
  const s = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / divisor;
  const t = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / divisor;
  return s > 1e-9 && s < 1 - 1e-9 && t > 1e-9 && t < 1 - 1e-9;
}
