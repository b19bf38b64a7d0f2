import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Admission, ListenerAdmission, type AdmissionLimits } from './admission.js';

const LIMITS: AdmissionLimits = { strangersPerNetwork: 3, strangers: 5, known: 4 };

/** Lets peers in and keeps the names of those that were turned away. */
function gate(limits: Partial<AdmissionLimits> = {}) {
  const admission = new Admission({ ...LIMITS, ...limits });
  const away: string[] = [];
  return {
    admission,
    away,
    enter: (name: string, remote = '192.0.2.1') => admission.enter(remote, (full) => away.push(`${name}: ${full}`)),
  };
}

describe(Admission.name, () => {
  it('lets every newcomer in: the oldest stranger of its network goes', () => {
    const { enter, away } = gate();
    for (const name of ['a', 'b', 'c', 'd', 'e']) enter(name);
    expect(away).toEqual(['a: network', 'b: network']);
    enter('other', '192.0.2.2');
    expect(away).toHaveLength(2);
  });

  it('counts a /64 of IPv6 as one network, and IPv4 written as IPv6 as IPv4', () => {
    const { enter, away } = gate({ strangersPerNetwork: 1 });
    enter('a', '2001:db8:1:2::1');
    enter('b', '2001:db8:1:2:ffff::1');
    enter('c', '::ffff:192.0.2.9');
    enter('d', '192.0.2.9');
    expect(away).toEqual(['a: network', 'c: network']);
  });

  it('takes a place from the network that has most when strangers have all of theirs', () => {
    const { enter, away } = gate();
    enter('first', '192.0.2.1');
    for (const name of ['a', 'b', 'c']) enter(name, '192.0.2.2');
    enter('last', '192.0.2.3');
    enter('newcomer', '192.0.2.4');
    expect(away).toEqual(['a: all']);
  });

  it('keeps the known apart, within a limit of their own', () => {
    const { enter, away } = gate({ known: 2 });
    const visits = ['a', 'b', 'c'].map((name) => enter(name));
    expect(visits.map((visit) => visit.known())).toEqual([true, true, false]);
    expect(visits[0]!.known()).toBe(true);
    for (const name of ['d', 'e', 'f']) enter(name);
    expect(away).toEqual(['c: network']);
    visits[0]!.gone();
    visits[0]!.gone();
    expect(enter('g').known()).toBe(true);
    expect(enter('h').known()).toBe(false);
  });

  it('spares those whose credential is being looked up, unless there is nobody else', async () => {
    const { enter, away } = gate({ strangersPerNetwork: 2 });
    const first = Promise.withResolvers<string>();
    const examined = enter('a').examine(first.promise);
    enter('b');
    void enter('c').examine(new Promise(() => undefined));
    expect(away).toEqual(['b: network']);
    first.resolve('unknown');
    expect(await examined).toBe('unknown');
    void enter('d').examine(new Promise(() => undefined));
    enter('e');
    expect(away).toEqual(['b: network', 'a: network', 'c: network']);
  });

  it('takes no stranger’s place for a peer that is known from its first words', () => {
    const { enter, away, admission } = gate({ strangersPerNetwork: 1, known: 1 });
    enter('a');
    const visit = admission.enterKnown('192.0.2.1');
    expect([visit?.known(), admission.enterKnown('192.0.2.1'), away]).toEqual([true, undefined, []]);
    visit?.gone();
    expect(admission.enterKnown('192.0.2.1')).toBeDefined();
  });

  it('gives nothing to one that was turned away', () => {
    const { enter } = gate({ strangersPerNetwork: 1 });
    const visit = enter('a');
    enter('b');
    expect(visit.known()).toBe(false);
    visit.gone();
    expect(enter('c').known()).toBe(true);
  });
});

describe(ListenerAdmission.name, () => {
  it('ends a visit with its socket and finds it by the ends of the connection', async () => {
    const admission = new ListenerAdmission({ ...LIMITS, strangersPerNetwork: 1 });
    const accepted: Socket[] = [];
    const server = createServer((socket) => {
      admission.accept(socket, () => socket.destroy());
      accepted.push(socket);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const open = async (): Promise<Socket> => {
      const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
      await Promise.all([once(client, 'connect'), once(server, 'connection')]);
      return client;
    };
    const first = await open();
    expect(admission.of(accepted[0]!)?.known()).toBe(true);
    const second = await open();
    const third = await open();
    await once(second, 'close');
    expect([first.destroyed, third.destroyed, admission.of(accepted[1]!)]).toEqual([false, false, undefined]);
    expect(admission.of(accepted[2]!)).toBeDefined();
    for (const client of [first, third]) client.destroy();
    await Promise.all([accepted[0], accepted[2]].map((socket) => socket!.closed || once(socket!, 'close')));
    expect(accepted.map((socket) => admission.of(socket))).toEqual([undefined, undefined, undefined]);
    server.close();
  });
});
