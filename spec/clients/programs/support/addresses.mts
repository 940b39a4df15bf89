import dns from 'node:dns';

/** A name of this machine that has several addresses, as `localhost` has where there is IPv6: Node tries them all. */
export const SEVERAL_ADDRESSES = 'several.test';

const lookup = dns.lookup;

dns.lookup = ((host: string, options: any, then: (...args: any[]) => void) => {
  if (host !== SEVERAL_ADDRESSES) return lookup(host, options, then);
  const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  process.nextTick(() => (options.all === true ? then(null, addresses) : then(null, addresses[0]!.address, 4)));
}) as typeof dns.lookup;
