import { type ClientHttp2Session, connect, constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { text } from 'node:stream/consumers';
import { presets } from 'breaker-box/presets';
import { H2CClient } from 'undici';
import { listening, unusedPort } from './support/server.mts';
import { cancelledTrial, trial } from './support/trial.mts';

const { NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

let answer: (stream: ServerHttp2Stream, session: ServerHttp2Session) => void = () => undefined;
const server = createServer();
const sessions = new Set<ServerHttp2Session>();
server.on('session', (session) => sessions.add(session));
server.on('stream', (stream) => {
  stream.on('error', () => undefined);
  answer(stream as ServerHttp2Stream, stream.session as ServerHttp2Session);
});
const url = `http://127.0.0.1:${await listening(server)}`;
const report: Record<string, unknown> = {};

function bodyOf(session: ClientHttp2Session, signal?: AbortSignal): Promise<string> {
  return text(session.request({ ':path': '/' }, { signal }));
}

/** One request over a session of its own. */
async function load(signal?: AbortSignal): Promise<string> {
  const session = connect(url);
  // What breaks the session breaks its streams too, each with an error of its own.
  session.on('error', () => undefined);
  try {
    return await bodyOf(session, signal);
  } finally {
    session.destroy();
  }
}

const codes = { REFUSED_STREAM: NGHTTP2_REFUSED_STREAM, INTERNAL_ERROR: NGHTTP2_INTERNAL_ERROR, ENHANCE_YOUR_CALM: NGHTTP2_ENHANCE_YOUR_CALM };
for (const [name, code] of Object.entries(codes)) {
  answer = (stream) => {
    stream.close(code);
  };
  report[`the server ends the stream with ${name}`] = await trial(presets.http, () => load());
}
answer = (_stream, session) => {
  session.goaway(NGHTTP2_ENHANCE_YOUR_CALM);
};
report['GOAWAY with an error'] = await trial(presets.http, () => load());
answer = (_stream, session) => {
  session.socket.resetAndDestroy();
};
report['the connection is reset'] = await trial(presets.http, () => load());

// A session that is over, as a pool may still have it.
answer = (stream) => {
  stream.respond({ ':status': 200 });
  stream.end('fine');
};
report['a request after GOAWAY'] = await trial(presets.http, async () => {
  const session = connect(url);
  session.on('error', () => undefined);
  try {
    await bodyOf(session);
    const held = session.request({ ':path': '/held', ':method': 'POST' }, { endStream: false });
    held.on('error', () => undefined);
    for (const one of sessions) if (!one.destroyed) one.goaway(NGHTTP2_NO_ERROR);
    await new Promise((resolve) => session.once('goaway', resolve));
    return await bodyOf(session);
  } finally {
    session.destroy();
  }
});
report['a request on a session that was destroyed'] = await trial(presets.http, async () => {
  const session = connect(url);
  session.destroy();
  return bodyOf(session);
});
const nobody = `http://127.0.0.1:${await unusedPort()}`;
report.refused = await trial(presets.http, async () => {
  const session = connect(nobody);
  session.on('error', () => undefined);
  return bodyOf(session);
});
answer = () => undefined;
report['cancelled by the user'] = await cancelledTrial(presets.http, (signal) => load(signal));
report['AbortSignal.timeout() over'] = await trial(presets.http, () => load(AbortSignal.timeout(30)));
report['a header that is no header'] = await trial(presets.http, async () => {
  const session = connect(url);
  session.on('error', () => undefined);
  try {
    session.request({ ':path': '/', ':nonsense': 'x' });
  } finally {
    session.destroy();
  }
});

// The client of undici, which says some of it in words of its own.
async function loadByUndici(): Promise<string> {
  const client = new H2CClient(url);
  try {
    return await (await client.request({ path: '/', method: 'GET' })).body.text();
  } finally {
    await client.destroy();
  }
}
const ends: Record<string, typeof answer> = {
  'the server ends the stream with REFUSED_STREAM': (stream) => {
    stream.close(NGHTTP2_REFUSED_STREAM);
  },
  'the server ends the stream with CANCEL': (stream) => {
    stream.close(NGHTTP2_CANCEL);
  },
  'GOAWAY with an error': (_stream, session) => {
    session.goaway(NGHTTP2_ENHANCE_YOUR_CALM);
  },
  'the session is lost': (_stream, session) => {
    session.destroy();
  },
};
for (const [situation, end] of Object.entries(ends)) {
  answer = end;
  report[`undici: ${situation}`] = await trial(presets.http, loadByUndici);
}

server.close();
for (const session of sessions) session.destroy();
console.log(JSON.stringify(report));
