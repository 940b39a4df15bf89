import { AxiosError, AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';

/** What no log may show of {@link axiosFailure}. */
const SECRETS = ['TOPSECRET', '4111111111111111', 'hunter2', 'session=cookie'];

/** The secrets that a text shows. */
export function secretsIn(text: string): string[] {
  return SECRETS.filter((secret) => text.includes(secret));
}

/** The error of an axios request whose server answered 503: it carries the request, with credentials, and the answer, and its request refers to itself. */
export function axiosFailure(): AxiosError {
  const headers = new AxiosHeaders({ authorization: 'Bearer TOPSECRET' });
  const config: InternalAxiosRequestConfig = { url: '/pay', method: 'post', headers, data: '{"card":"4111111111111111"}' };
  const request: Record<string, unknown> = { _header: 'authorization: Bearer TOPSECRET', method: 'POST' };
  request['socket'] = { _httpMessage: request };
  const response = { status: 503, statusText: 'Service Unavailable', data: 'password=hunter2', headers: { 'set-cookie': ['session=cookie'] }, config, request };
  return new AxiosError('Request failed with status code 503', 'ERR_BAD_RESPONSE', config, request, response);
}
