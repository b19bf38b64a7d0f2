import { describe, expect, it } from 'vitest';
import { Outputs } from '../../scripts/lib/outputs.mjs';

describe(Outputs.name, () => {
  it('shows the first step as it goes on, and what others wrote meanwhile when it is their turn, each whole', () => {
    const shown: string[] = [];
    const take = (): string => shown.splice(0).join('');
    const outputs = new Outputs((text) => shown.push(text));
    const first = outputs.begin('first');
    first.show('1a ');
    const second = outputs.begin('second');
    const third = outputs.begin('third');
    second.show('2a ');
    third.show('3a ');
    first.show('1b ');
    third.end();
    second.show('2b ');
    expect(take()).toBe('\n── first\n1a 1b ');
    first.end();
    expect(take()).toBe('\n── second\n2a 2b ');
    second.show('2c');
    expect(take()).toBe('2c');
    second.end();
    expect(take()).toBe('\n── third\n3a ');
    outputs.begin('fourth').show('4a');
    expect(take()).toBe('\n── fourth\n4a');
  });

  it('shows what is kept when the process ends early', () => {
    const shown: string[] = [];
    const outputs = new Outputs((text) => shown.push(text));
    outputs.begin('first').show('1a');
    outputs.begin('second').show('2a');
    outputs.showAll();
    expect(shown.join('')).toBe('\n── first\n1a\n── second\n2a');
  });
});
