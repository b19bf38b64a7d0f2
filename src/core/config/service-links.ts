const HOST = '_SERVICE_HOST';
/** Where a service listens, as Kubernetes and Docker write it. */
const ADDRESS = /^(tcp|udp|sctp):\/\/.+:\d+$/i;
/** What follows the service's name, besides `_PORT`. */
const OTHER = /^_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;

/**
 * Variables that Kubernetes sets for services whose names begin with ours: `vedette-api` brings
 * `VEDETTE_API_PORT=tcp://10.43.161.118:8080`, `VEDETTE_API_SERVICE_HOST` and more into every pod of its namespace.
 * @param prefix of the names that are looked at
 */
export function serviceLinks(env: NodeJS.ProcessEnv, prefix: string): string[] {
  const names = Object.keys(env).filter((name) => name.startsWith(prefix));
  const services = names
    .filter((name) => name.endsWith(HOST))
    .map((name) => name.slice(0, -HOST.length))
    .filter((service) => env[`${service}_SERVICE_PORT`] !== undefined);
  const isOther = (name: string): boolean => services.some((service) => name.startsWith(service) && OTHER.test(name.slice(service.length)));
  // A port that is a number is one that somebody set for us, over what Kubernetes says.
  return names.filter((name) => (name.endsWith('_PORT') && ADDRESS.test(env[name] ?? '')) || isOther(name));
}
