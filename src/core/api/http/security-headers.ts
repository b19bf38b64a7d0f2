import helmet from 'helmet';

const OWN_STYLES = "style-src 'self'";

/** The policy of a page whose own style elements bear a nonce: the parts that Angular brings write theirs while it runs. */
export const withStyleNonce = (policy: string, nonce: string): string => policy.replace(OWN_STYLES, `${OWN_STYLES} 'nonce-${nonce}'`);

/** Headers of every response. Scripts and styles come from here only; hls.js plays from blob: and runs its transmuxer in a blob: worker. */
export function securityHeaders(): ReturnType<typeof helmet> {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        workerSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    // Said by whoever ends TLS; on plain HTTP these two would be ignored or warned about.
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
}
