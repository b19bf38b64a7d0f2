import { describe, expect, it } from 'vitest';
import { avcConfiguration, isAnnexB, lengthPrefixed, nalUnitsOf, parameterSetsIn } from './annex-b.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const SPS = '67 42 c0 1f da';
const PPS = '68 ce 3c 80';

describe('Annex B', () => {
  it('is told by how it begins', () => {
    expect([hex('00000001 67'), hex('000001 6742'), hex('00000005 67'), hex('0000')].map(isAnnexB)).toEqual([true, true, false, false]);
  });

  it('is taken apart at start codes of both lengths, without the zeros before them', () => {
    const units = nalUnitsOf(hex(`00000001 ${SPS} 00000001 ${PPS} 000001 65 00 00 03 01 000000`));
    expect(units).toEqual([hex(SPS), hex(PPS), hex('65 00 00 03 01')]);
    expect(nalUnitsOf(hex('010203'))).toEqual([]);
    expect(nalUnitsOf(hex('000001 000001'))).toEqual([]);
  });

  it('gives the configuration of its decoder', () => {
    const sets = parameterSetsIn([hex('09 10'), hex(SPS), hex(PPS), hex('65 88')])!;
    expect(avcConfiguration(sets)).toEqual(hex(`01 42c01f ff e1 0005 ${SPS} 01 0004 ${PPS}`));
    expect(parameterSetsIn([hex(SPS)])).toBeUndefined();
    expect(parameterSetsIn([hex('67 42'), hex(PPS)])).toBeUndefined();
  });

  it('becomes units behind their lengths', () => {
    expect(lengthPrefixed([hex('65 88'), hex('41')])).toEqual(hex('00000002 6588 00000001 41'));
  });
});
