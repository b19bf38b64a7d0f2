import { describe, expect, it } from 'vitest';
import { LabelColours, containRect, placeBox, placeLabel } from './overlay-geometry';

describe(containRect.name, () => {
  it('fills an element of the same shape', () => {
    expect(containRect(640, 360, 1280, 720)).toEqual({ x: 0, y: 0, width: 640, height: 360 });
  });
  it('leaves bars at the sides of a narrower picture', () => {
    expect(containRect(1600, 900, 1200, 900)).toEqual({ x: 200, y: 0, width: 1200, height: 900 });
  });
  it('leaves bars above and below a wider picture', () => {
    expect(containRect(900, 900, 1600, 800)).toEqual({ x: 0, y: 225, width: 900, height: 450 });
  });
  it('is empty while the size of either is not known', () => {
    expect(containRect(900, 900, 0, 0)).toEqual({ x: 0, y: 0, width: 0, height: 0 });
    expect(containRect(0, 0, 16, 9).width).toBe(0);
  });
});

describe(placeBox.name, () => {
  it('puts a box of the picture on the element, bars included', () => {
    const picture = containRect(1600, 900, 1200, 900);
    expect(placeBox({ x: 0.5, y: 0.5, width: 0.25, height: 0.1 }, picture)).toEqual({ x: 800, y: 450, width: 300, height: 90 });
    expect(placeBox({ x: 0, y: 0, width: 1, height: 1 }, picture)).toEqual(picture);
  });
});

describe(placeLabel.name, () => {
  const picture = { x: 100, y: 50, width: 800, height: 450 };
  it('stands above its box where there is room', () => {
    expect(placeLabel({ x: 200, y: 200, width: 90, height: 90 }, 60, 18, picture)).toEqual({ x: 200, y: 182 });
  });
  it('goes inside at the upper edge', () => {
    expect(placeLabel({ x: 200, y: 55, width: 90, height: 90 }, 60, 18, picture)).toEqual({ x: 200, y: 55 });
  });
  it('stays within the picture on every side', () => {
    expect(placeLabel({ x: 890, y: 200, width: 10, height: 90 }, 60, 18, picture).x).toBe(840);
    expect(placeLabel({ x: 90, y: 200, width: 10, height: 90 }, 60, 18, picture).x).toBe(100);
    expect(placeLabel({ x: 200, y: 495, width: 10, height: 5 }, 60, 460, picture).y).toBe(40);
  });
});

describe(LabelColours.name, () => {
  it('gives a label one colour, and the usual number of labels a colour each', () => {
    const colours = new LabelColours();
    const labels = ['person', 'car', 'dog', 'bicycle', 'bus', 'truck', 'cat', 'bird', 'boat', 'train', 'bench', 'horse'];
    const given = labels.map((label) => colours.colourOf(label));
    expect(new Set(given).size).toBe(labels.length);
    expect(labels.map((label) => colours.colourOf(label))).toEqual(given);
  });
  it('prefers the same colour on every page', () => {
    expect(new LabelColours().colourOf('person')).toBe(new LabelColours().colourOf('person'));
  });
  it('shows a label that names a colour in that colour', () => {
    const hueOf = (label: string): number => Number(/ ([\d.]+)\)$/.exec(new LabelColours().colourOf(label))![1]);
    expect([hueOf('red') < 40, hueOf('Green') > 130 && hueOf('Green') < 160, hueOf('blue') > 240 && hueOf('blue') < 270]).toEqual([
      true,
      true,
      true,
    ]);
  });
  it('goes on when there are more labels than colours', () => {
    const colours = new LabelColours();
    for (let i = 0; i < 200; i++) expect(colours.colourOf(`label ${i}`)).toMatch(/^oklch\(/);
  });
});
