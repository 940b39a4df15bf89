import { propertyOf } from '../../core/thrown';
import { hostOf as hostOfUrl } from '../../fetch/fetch-policies';

/** As axios decides it: a scheme, or the two slashes that take over that of the page. */
const ABSOLUTE = /^([a-z][a-z\d+\-.]*:)?\/\//i;

/** The host that a request goes to, with its port; undefined when it goes to none, or when axios itself must say what is wrong with it. */
export function hostOf(config: unknown): string | undefined {
  const url = propertyOf(config, 'url');
  const baseUrl = propertyOf(config, 'baseURL');
  const hasBase = typeof baseUrl === 'string' && baseUrl !== '';
  const isAbsolute = typeof url === 'string' && ABSOLUTE.test(url) && propertyOf(config, 'allowAbsoluteUrls') !== false;
  return hostOfUrl(hasBase && !isAbsolute ? baseUrl : url);
}
