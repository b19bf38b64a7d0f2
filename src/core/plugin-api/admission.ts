import type { Socket } from 'node:net';
import { networkOf } from './network.js';

export interface AdmissionLimits {
  /** Peers without a valid credential at once, of one network. */
  readonly strangersPerNetwork: number;
  /** Peers without a valid credential at once, in all. */
  readonly strangers: number;
  /** Peers with a valid credential at once. */
  readonly known: number;
}

/** Which places were full when a stranger was turned away. */
export type FullPlaces = 'network' | 'all';

/** A peer's place. The peer counts as a stranger until its credential has been found valid. */
export interface Visit {
  /** Marks that the peer's credential is being looked up: until `lookup` settles, another stranger is turned away first. */
  examine<T>(lookup: Promise<T>): Promise<T>;
  /**
   * Marks the credential as valid: the peer gives its stranger's place up for good.
   * @returns false when all places of known peers are taken; the peer stays a stranger, and the caller refuses it
   */
  known(): boolean;
  /** The peer has gone. A second call does nothing. */
  gone(): void;
}

interface Place {
  readonly network: string;
  readonly turnAway: (full: FullPlaces) => void;
  state: 'stranger' | 'known' | 'gone';
  /** Look-ups of its credentials under way. */
  lookups: number;
}

/**
 * Decides who may be connected. Strangers (peers without a valid credential) have separate places and can displace only each other. A
 * newcomer is always admitted: if its network has used up its places, the oldest stranger of that network is closed; if all strangers'
 * places are taken, the oldest stranger of the network that has most. Peers with a valid credential are counted separately.
 * @example
 * const visit = admission.enter(remote, () => connection.close('too many connections without a credential'));
 * if (await isValid(credential)) visit.known();
 */
export class Admission {
  /** By network, oldest first. */
  private readonly strangers = new Map<string, Set<Place>>();
  private strangerCount = 0;
  private knownCount = 0;

  constructor(private readonly limits: AdmissionLimits) {}

  /** @param turnAway closes the connection; its place is taken by then */
  enter(remote: string, turnAway: (full: FullPlaces) => void): Visit {
    const place: Place = { network: networkOf(remote), turnAway, state: 'stranger', lookups: 0 };
    const ofNetwork = this.strangers.get(place.network);
    if (ofNetwork !== undefined && ofNetwork.size >= this.limits.strangersPerNetwork) this.evict(ofNetwork, 'network');
    else if (this.strangerCount >= this.limits.strangers) this.evict(this.largestNetwork(), 'all');
    this.strangers.set(place.network, (this.strangers.get(place.network) ?? new Set()).add(place));
    this.strangerCount += 1;
    return this.visitOf(place);
  }

  /**
   * Admits a peer whose credential has been found valid already.
   * @returns undefined when all places of known peers are taken
   */
  enterKnown(remote: string): Visit | undefined {
    if (this.knownCount >= this.limits.known) return undefined;
    this.knownCount += 1;
    return this.visitOf({ network: networkOf(remote), turnAway: () => undefined, state: 'known', lookups: 0 });
  }

  private visitOf(place: Place): Visit {
    return {
      examine: (lookup) => {
        place.lookups += 1;
        return lookup.finally(() => (place.lookups -= 1));
      },
      known: () => place.state === 'known' || this.promote(place),
      gone: () => this.leave(place),
    };
  }

  private promote(place: Place): boolean {
    if (place.state !== 'stranger' || this.knownCount >= this.limits.known) return false;
    this.leave(place);
    place.state = 'known';
    this.knownCount += 1;
    return true;
  }

  private leave(place: Place): void {
    if (place.state === 'known') this.knownCount -= 1;
    if (place.state === 'stranger') {
      this.strangerCount -= 1;
      const ofNetwork = this.strangers.get(place.network);
      ofNetwork?.delete(place);
      if (ofNetwork?.size === 0) this.strangers.delete(place.network);
    }
    place.state = 'gone';
  }

  private evict(places: ReadonlySet<Place> | undefined, full: FullPlaces): void {
    if (places === undefined) return;
    const all = [...places];
    const oldest = all.find((place) => place.lookups === 0) ?? all[0];
    if (oldest === undefined) return;
    this.leave(oldest);
    oldest.turnAway(full);
  }

  private largestNetwork(): ReadonlySet<Place> | undefined {
    let largest: ReadonlySet<Place> | undefined;
    for (const places of this.strangers.values()) if (places.size > (largest?.size ?? 0)) largest = places;
    return largest;
  }
}

type Ends = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

/** Says which connection a socket belongs to: the TLS socket of a connection is another object than its TCP socket. */
const connectionOf = ({ remoteAddress, remotePort, localAddress, localPort }: Ends): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;

/** {@link Admission} for a listener: each connection's visit ends with its socket, and is found again by either end of its TLS. */
export class ListenerAdmission {
  private readonly admission: Admission;
  private readonly visits = new Map<string, Visit>();

  constructor(limits: AdmissionLimits) {
    this.admission = new Admission(limits);
  }

  /**
   * Admits a new connection, before TLS.
   * @returns undefined when the peer has gone already
   */
  accept(socket: Socket, turnAway: (full: FullPlaces) => void): Visit | undefined {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || socket.destroyed) return undefined;
    const connection = connectionOf(socket);
    const visit = this.admission.enter(remoteAddress, turnAway);
    this.visits.set(connection, visit);
    socket.once('close', () => {
      this.visits.delete(connection);
      visit.gone();
    });
    return visit;
  }

  /** The visit of a connection that was accepted and is still open. */
  of(socket: Ends): Visit | undefined {
    return this.visits.get(connectionOf(socket));
  }
}
