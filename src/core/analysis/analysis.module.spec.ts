import { Global, Module } from '@nestjs/common';
import { FakeReferenceLibrary } from '../../../test/support/fakes/fake-reference-library.js';
import { Confinement } from '../children/confinement.js';
import { Test } from '@nestjs/testing';
import { describe, expect, it, vi } from 'vitest';
import { CHILD_CONFINEMENT } from '../config/child-confinement.js';
import { CONFIG_ORIGIN } from '../config/config.module.js';
import { VEDETTE_CONFIG, vedetteConfigSchema } from '../config/schema.js';
import { createLogger, LOGGER } from '../observability/logger.js';
import { ANALYSIS_HOST_POOL, PICTURE_SAMPLER, type References } from '../plugin-api/index.js';
import { ReferenceLibrary } from '../brands/reference-library.js';
import { WorkerHostMediaModule } from '../media/store/worker-host-media.module.js';
import { AnalysisModule } from './analysis.module.js';
import type { HostOptions, HostSurroundings } from './pool/host-process.js';

const built = vi.hoisted(() => [] as { readonly options: HostOptions; readonly references: References }[]);
vi.mock('./pool/host-process.js', () => ({
  HostProcess: class {
    constructor(_: string, options: HostOptions, { references }: HostSurroundings) {
      built.push({ options, references });
    }
    on(): void {}
  },
}));

const config = vedetteConfigSchema.parse({ database: { url: 'postgres://u:secret@h/d' }, redis: { url: 'redis://:secret@h' } });
const base = [
  { provide: VEDETTE_CONFIG, useValue: config },
  { provide: CONFIG_ORIGIN, useValue: { config, file: null, baseDir: '/' } },
  { provide: CHILD_CONFINEMENT, useValue: () => Promise.resolve(Confinement.NONE) },
  { provide: LOGGER, useValue: createLogger({ role: 'test', level: 'error', format: 'json' }) },
];
@Global()
@Module({ providers: base, exports: base })
class Base {}
@Global()
@Module({ providers: [{ provide: ReferenceLibrary, useFactory: () => new FakeReferenceLibrary() }], exports: [ReferenceLibrary] })
class Library {}

describe(AnalysisModule.name, () => {
  it.each([
    ['has its pool ask the reference library', [Library], 0],
    ['does without one, and takes the revision for granted', [], 7],
  ])('%s', async (_, more, expected) => {
    const app = await Test.createTestingModule({
      imports: [Base, WorkerHostMediaModule, AnalysisModule.forEntry('main.js'), ...more],
    }).compile();
    expect(app.get(ANALYSIS_HOST_POOL)).toBeDefined();
    expect(app.get(PICTURE_SAMPLER)).toBe(app.get(ANALYSIS_HOST_POOL));
    expect((await built.at(-1)!.references.load('logo', 7)).revision).toBe(expected);
    expect(JSON.stringify(built.at(-1)!.options.handOver)).not.toContain('secret');
  });
});
