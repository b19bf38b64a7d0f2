import { textOf } from '../tree.js';

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The Dockerfile's instructions, comments left out and continued lines joined. */
export function dockerfile(): Instruction[] {
  return textOf('deploy/Dockerfile')
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...rest] = line.split(' ');
      return { name, text: rest.join(' ').trim() };
    });
}

/** The last stage is the image. */
function finalStage(): Instruction[] {
  const all = dockerfile();
  return all.slice(all.findLastIndex(({ name }) => name === 'FROM'));
}

const textsOf = (name: string): string[] =>
  finalStage()
    .filter((one) => one.name === name)
    .map(({ text }) => text);

/** What every container of the image has unless its own file says otherwise. */
export const imageEnv = (): Record<string, string> =>
  Object.fromEntries(
    textsOf('ENV')
      .join(' ')
      .split(/\s+/)
      .map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
export const imagePorts = (): number[] => textsOf('EXPOSE').join(' ').split(/\s+/).map(Number);
export const imageVolumes = (): string[] => textsOf('VOLUME').flatMap((text) => JSON.parse(text) as string[]);
export const imageCommand = (): string[] => JSON.parse(textsOf('CMD').join()) as string[];
export const imageUser = (): string => textsOf('USER').join();
export const imageWorkingDirectory = (): string => textsOf('WORKDIR').at(-1) ?? '';

/** Files and folders of the project that the build copies into any stage. */
export const copiedSources = (): string[] =>
  dockerfile()
    .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from='))
    .flatMap(({ text }) => text.split(/\s+/).slice(0, -1));
