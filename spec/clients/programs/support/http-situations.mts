import { type Answer, close, cut, hang, json, reset, WAITS } from './server.mts';

/** What a server does to any HTTP client, by the name of the situation. */
export const HTTP_SITUATIONS: Readonly<Record<string, Answer>> = {
  ...Object.fromEntries([400, 401, 404, 500, 502, 503, 504].map((status) => [`status ${status}`, json(status, { message: 'as it says' })])),
  ...Object.fromEntries(
    [429, 503].flatMap((status) => Object.entries(WAITS).map(([form, headers]) => [`${status}, ${form}`, json(status, { message: 'later' }, headers)])),
  ),
  'closed before the answer': close,
  'reset before the answer': reset,
  'lost in the body': cut('{"part":', 'application/json'),
  'no answer in the client’s time': hang,
};
