import { describe, expect, it } from 'vitest';
import { textOf, trackedFiles } from './support/tree.js';

const BINARY = /\.(png|jpe?g|webp|ico|woff2?|onnx|ts|mp4|m4s|flv|gz)$/;
const isText = (file: string): boolean => /\.(m|c)?tsx?$/.test(file) || !BINARY.test(file);
/** Folders of somebody's machine; written apart here so that this file does not find itself. */
const MACHINE_PATH = new RegExp(['/wo' + 'rk/', '/ro' + 'ot/', '/ho' + 'me/[a-z]', '/Us' + 'ers/[A-Za-z]', 'C:\\\\Us' + 'ers'].join('|'));

describe('what is committed works on any machine', () => {
  it('names no folder of one machine', () => {
    const found = trackedFiles()
      .filter(isText)
      .flatMap((file) =>
        textOf(file)
          .split('\n')
          .flatMap((line, index) => (MACHINE_PATH.test(line) ? [`${file}:${index + 1}`] : [])),
      );
    expect(found).toEqual([]);
  });

  it('locks packages by version and hash, not by the address of a registry', () => {
    const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, { resolved?: string; link?: boolean }> };
    const addressed = Object.entries(packages).filter(([, { resolved, link }]) => resolved !== undefined && link !== true);
    expect(addressed.map(([path, { resolved }]) => `${path}: ${resolved}`)).toEqual([]);
  });

  it('configures no registry', () => {
    const settings = trackedFiles().filter((file) => file.endsWith('.npmrc'));
    expect(settings.filter((file) => /registry|_auth/i.test(textOf(file)))).toEqual([]);
  });

  it('says of every install script whether it may run', () => {
    const lock = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, { hasInstallScript?: boolean }> };
    const { allowScripts } = JSON.parse(textOf('package.json')) as { allowScripts: Record<string, boolean> };
    const scripted = Object.entries(lock.packages).filter(([path, { hasInstallScript }]) => hasInstallScript === true && path !== '');
    const names = scripted.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect([...new Set(names)].filter((name) => !(name in allowScripts))).toEqual([]);
  });
});
