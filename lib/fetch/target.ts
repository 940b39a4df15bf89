import { propertyOf } from '../core/thrown';

/**
 * The host that a request goes to, with its port; undefined when it goes to none (`data:`, `blob:`), or when `fetch` itself must
 * say what is wrong with it.
 *
 * @param input - What `fetch` takes: a text, a `URL` or a `Request`. A relative URL has a host only where there is a page.
 */
export function hostOf(input: unknown): string | undefined {
  const address = propertyOf(input, 'href') ?? propertyOf(input, 'url') ?? input;
  if (typeof address !== 'string') return undefined;
  const { location } = globalThis as { location?: { href?: string } };
  try {
    const { protocol, host } = new URL(address, location?.href);
    return protocol === 'http:' || protocol === 'https:' ? host : undefined;
  } catch {
    return undefined;
  }
}
