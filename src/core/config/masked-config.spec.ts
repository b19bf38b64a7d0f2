import { describe, expect, it } from 'vitest';
import { maskedConfig } from './masked-config.js';
import { vedetteConfigSchema } from './schema.js';

describe(maskedConfig.name, () => {
  const config = vedetteConfigSchema.parse({
    dataDir: 'here',
    database: { url: 'postgres://vedette:hunter2@db/vedette', poolSize: 4 },
    redis: { url: 'redis://:hunter2@cache:6379' },
    plugins: [
      {
        use: './door.ts',
        analyzers: {
          'acme.door': { streams: ['hall-*'], config: { pin: 'hunter2', minScore: 0.4, nested: { list: ['hunter2', 3, true] } } },
        },
        sources: { rtmp: { port: 1935, banner: 'hunter2' } },
        strategies: { cloud: { endpoint: 'https://hunter2.example' } },
      },
    ],
    streams: [{ name: 'hall', adapter: 'pull', config: { url: 'rtsp://admin:hunter2@10.0.0.9/1', fps: 5 } }],
  });

  it('keeps what tells how it is set up', () => {
    expect(maskedConfig(config)).toMatchObject({
      dataDir: 'here',
      database: { url: '***', poolSize: 4 },
      plugins: [
        {
          use: './door.ts',
          analyzers: { 'acme.door': { streams: ['hall-*'], config: { pin: '***', minScore: 0.4, nested: { list: ['***', 3, true] } } } },
          sources: { rtmp: { port: 1935 } },
        },
      ],
      streams: [{ name: 'hall', adapter: 'pull', config: { fps: 5 } }],
    });
  });

  it('has no secret in it, wherever it stood', () => {
    expect(JSON.stringify(maskedConfig(config))).not.toContain('hunter2');
    expect(config.database.url).toContain('hunter2');
  });

  it('invents none', () => {
    expect(maskedConfig(vedetteConfigSchema.parse({})).database).not.toHaveProperty('url');
  });
});
