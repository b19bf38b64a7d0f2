import type { EventEmitter } from 'node:events';
import type Bonjour from 'bonjour-service';

export type Mdns = Bonjour;

/**
 * A socket for multicast DNS. Errors of it come to `onError` alone: hosts that are named by their addresses need none.
 * @param networkInterface address of this machine on the network that is meant; absent: the system's choice
 */
export async function openMdns(networkInterface: string | undefined, onError: (error: Error) => void): Promise<Mdns> {
  // Loaded when asked: most who speak to worker hosts know them by their addresses.
  const { default: Service } = await import('bonjour-service');
  // Bound to the address itself, a socket hears no multicast.
  const options = networkInterface === undefined ? {} : { interface: networkInterface, bind: '0.0.0.0' };
  const bonjour = new Service(options as ConstructorParameters<typeof Bonjour>[0], onError);
  // Its own handling of a socket that cannot be opened would end the process.
  const { mdns } = (bonjour as unknown as { server: { mdns: EventEmitter } }).server;
  mdns.on('error', onError).on('warning', onError);
  return bonjour;
}
