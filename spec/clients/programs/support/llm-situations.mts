import { type Answer, close, cut, hang, json, reset, WAITS } from './server.mts';

/** An error body, as OpenAI and Anthropic have it: what the one does not know, its client leaves alone. */
export const failed = (type: string, message = 'as it says') => ({ type: 'error', error: { type, code: type, message } });

/** What a provider does to any client of a language model, by the name of the situation. */
export const LLM_SITUATIONS: Readonly<Record<string, Answer>> = {
  'a wrong request': json(400, failed('invalid_request_error')),
  'a wrong key': json(401, failed('authentication_error')),
  'an unknown model': json(404, failed('not_found_error')),
  'status 500': json(500, failed('api_error')),
  'status 503': json(503, failed('service_unavailable')),
  'status 529, overloaded': json(529, failed('overloaded_error')),
  'a gateway’s page': (_request, response) => {
    response.sendDate = false;
    response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad Gateway</html>');
  },
  ...Object.fromEntries(Object.entries(WAITS).map(([form, headers]) => [`429, ${form}`, json(429, failed('rate_limit_error'), headers)])),
  'the quota is used up': json(429, failed('insufficient_quota')),
  'the server says that a retry is no use': json(503, failed('api_error'), { 'x-should-retry': 'false' }),
  'closed before the answer': close,
  'reset before the answer': reset,
  'lost in the body': cut('{"id":', 'application/json'),
  'no answer in the client’s time': hang,
};
