import { isConnectionFailure } from '../../lib/presets/connection-failure';
import { isTransientError } from '../../lib/presets/http-failure';
import { isOwnMistake } from '../../lib/presets/own-mistake';
import { fixturesOf, revived } from '../clients/support/fixtures';

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

// Rule 48. What a browser says is from its documentation or its users' reports; the other runtimes were asked.
describe('a lost connection', () => {
  it.each([
    ['Chromium', 'Failed to fetch'],
    ['Chromium from 2026 on', 'Failed to fetch (api.example)'],
    ['Chromium, in the body', 'network error'],
    ['Firefox', 'NetworkError when attempting to fetch resource.'],
    ['Firefox, in the body', 'Error in input stream'],
    ['Safari 17', 'Load failed'],
    ['Safari 18', 'Load failed (api.example)'],
    ['Safari 16, offline', 'The Internet connection appears to be offline.'],
    ['Safari 16', 'The network connection was lost.'],
    ['Safari 16, refused', 'Could not connect to the server.'],
    ['Safari 16, late', 'The request timed out.'],
    ['React Native and whatwg-fetch', 'Network request failed'],
    ['React Native, late', 'Network request timed out'],
    ['Deno 1', 'error sending request for url (https://x.test/): client error (Connect): tcp connect error'],
    ['Deno, whose name server does not answer', 'error sending request for url (https://x.test/): client error (Connect): dns error: Temporary failure in name resolution'],
    ['Node, in the body', 'terminated'],
  ])('in the words of %s: %s', (_platform, message) => {
    const error = new TypeError(message);
    expect([isConnectionFailure(error), isTransientError(error), isOwnMistake(error)]).toEqual([true, true, false]);
  });

  it.each([
    ['Bun 1.3', coded('ConnectionRefused', 'Unable to connect. Is the computer able to access the url?')],
    ['Bun 1.2', coded('FailedToOpenSocket', 'Was there a typo in the url or port?')],
    ['node-fetch 2, late', Object.assign(new Error('network timeout at: https://x.test/'), { name: 'FetchError', type: 'request-timeout' })],
    ['node-fetch, in the body', coded('ERR_STREAM_PREMATURE_CLOSE', 'Premature close')],
    ['a compressed body that breaks off', coded('Z_BUF_ERROR', 'unexpected end of file')],
    ['Happy Eyeballs, which tried several addresses', Object.assign(new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]), { message: '' })],
  ])('in the error of %s', (_platform, error) => {
    expect([isConnectionFailure(error), isTransientError(error), isOwnMistake(error)]).toEqual([true, true, false]);
  });

  it.each([
    'STREAM_ERROR', 'STREAM_CANCEL', 'SESSION_ERROR', 'INVALID_SESSION', 'INVALID_STREAM', 'GOAWAY_SESSION', 'PING_CANCEL', 'SETTINGS_CANCEL',
    'SOCKET_UNBOUND', 'OUT_OF_STREAMS', 'TOO_MANY_INVALID_FRAMES', 'ERROR',
  ])('in the code ERR_HTTP2_%s, of a broken stream or session', (kind) => {
    expect(isConnectionFailure(coded(`ERR_HTTP2_${kind}`))).toBe(true);
  });

  it.each(['INVALID_PSEUDOHEADER', 'HEADERS_SENT', 'INVALID_HEADER_VALUE', 'CONNECT_PATH', 'PUSH_DISABLED'])(
    'but not in ERR_HTTP2_%s, which refuses what the program does', (kind) => {
      expect(isConnectionFailure(coded(`ERR_HTTP2_${kind}`))).toBe(false);
    },
  );

  it.each([
    ['a certificate, behind Node’s fetch', new TypeError('fetch failed', { cause: coded('CERT_HAS_EXPIRED') })],
    ['a certificate, behind axios', Object.assign(coded('ERR_NETWORK', 'Network Error'), { cause: coded('DEPTH_ZERO_SELF_SIGNED_CERT') })],
    ['a certificate, behind Deno’s fetch', new TypeError('error sending request for url (https://x.test/): client error (Connect): invalid peer certificate: Expired')],
    ['words in the midst of others', new Error('Load failed: no such plugin')],
    ['a message that is no text', Object.assign(new Error(), { message: { toString: () => 'Failed to fetch' } })],
    ['a message without an end', new Error(`error sending${' '.repeat(1_000_000)}`)],
  ])('but not in %s', (_what, error) => {
    expect(isConnectionFailure(error)).toBe(false);
  });

  it.each(Object.entries(fixturesOf('runtimes')))('%s', (situation, shape) => {
    const error = revived(shape);
    const isOwn = /a bad|with a body|scheme|slip|cancelled/.test(situation);
    const isLost = /refused|closed|reset|lost|over$/.test(situation);
    expect([isTransientError(error), isOwnMistake(error)]).toEqual([isLost, isOwn]);
  });
});
