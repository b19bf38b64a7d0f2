import { describe, expect, it } from 'vitest';
import { isProof, newNonce, plainFingerprint, proofOf } from './proof.js';

const nonces = { worker: newNonce(), host: newNonce() };
const channel = { fingerprint: 'aa', exporter: 'bb' };
const proof = proofOf('host', 'token', nonces, channel);

describe(proofOf.name, () => {
  it('is the same at both ends of one connection, and another for everything else', () => {
    expect(isProof(proofOf('host', 'token', { ...nonces }, { ...channel }), proof)).toBe(true);
    const others = [
      proofOf('worker', 'token', nonces, channel),
      proofOf('host', 'another', nonces, channel),
      proofOf('host', 'token', { ...nonces, worker: newNonce() }, channel),
      proofOf('host', 'token', { ...nonces, host: newNonce() }, channel),
      proofOf('host', 'token', { worker: nonces.host, host: nonces.worker }, channel),
      proofOf('host', 'token', nonces, { ...channel, fingerprint: 'ab' }),
      proofOf('host', 'token', nonces, { ...channel, exporter: 'bc' }),
      '',
    ];
    expect(others.filter((other) => isProof(other, proof))).toEqual([]);
  });

  it('cannot be had by moving letters from one part to the next', () => {
    expect(proofOf('host', 'token', nonces, { fingerprint: 'aab', exporter: 'b' })).not.toBe(proof);
  });
});

describe(plainFingerprint.name, () => {
  it.each(['AA:BB:0C', 'sha256:aabb0c', 'SHA-256=AABB0C', 'aabb0c'])('reads %s', (written) =>
    expect(plainFingerprint(written)).toBe('aabb0c'),
  );
});
