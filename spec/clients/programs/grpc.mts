import { createServer } from 'node:net';
import {
  type Client, credentials, type handleServerStreamingCall, type handleUnaryCall, makeGenericClientConstructor, Metadata, Server, ServerCredentials,
  type ServiceDefinition, type ServiceError, status, type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { presets } from 'breaker-box/presets';
import { listening, unusedPort } from './support/server.mts';
import { cancelledTrial, trial } from './support/trial.mts';

const asBytes = (text: string) => Buffer.from(text);
const asString = (bytes: Buffer) => bytes.toString();
const method = { requestSerialize: asBytes, requestDeserialize: asString, responseSerialize: asBytes, responseDeserialize: asString, requestStream: false };
const service = {
  ask: { ...method, path: '/Test/Ask', responseStream: false },
  list: { ...method, path: '/Test/List', responseStream: true },
} satisfies ServiceDefinition;

let ask: handleUnaryCall<string, string> = () => undefined;
let list: handleServerStreamingCall<string, string> = () => undefined;

const server = new Server();
const handlers: UntypedServiceImplementation = {
  ask: ((call, callback) => {
    ask(call, callback);
  }) satisfies handleUnaryCall<string, string>,
  list: ((call) => {
    list(call);
  }) satisfies handleServerStreamingCall<string, string>,
};
server.addService(service, handlers);
const port = await new Promise<number>((resolve, reject) => {
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
    if (error === null) resolve(bound);
    else reject(error);
  });
});

const Tester = makeGenericClientConstructor(service, 'Test');
// Without gRPC's own retries, which a service configuration would ask for.
const clientAt = (address: string) => new Tester(address, credentials.createInsecure(), { 'grpc.enable_retries': 0, 'grpc.initial_reconnect_backoff_ms': 100 });
const client = clientAt(`127.0.0.1:${port}`);
const report: Record<string, unknown> = {};

type Unary = (request: string, metadata: Metadata, options: object, callback: (error: ServiceError | null, answer?: string) => void) => { cancel(): void };

function request(of: Client, options: { deadline?: number; signal?: AbortSignal } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { deadline, signal } = options;
    const call = (of as unknown as { ask: Unary }).ask('x', new Metadata(), deadline === undefined ? {} : { deadline: Date.now() + deadline }, (error, answer) => {
      if (error === null) resolve(answer!);
      else reject(error);
    });
    // As its users do it: the client takes no signal.
    signal?.addEventListener('abort', () => {
      call.cancel();
    });
  });
}

for (const [name, code] of Object.entries(status)) {
  if (typeof code !== 'number' || code === status.OK) continue;
  ask = (_call, callback) => {
    callback({ code, details: 'as it says' });
  };
  report[`the server answers ${name}`] = await trial(presets.http, () => request(client));
}
ask = (_call, callback) => {
  const metadata = new Metadata();
  metadata.set('retry-after', '10');
  callback({ code: status.RESOURCE_EXHAUSTED, details: 'later', metadata });
};
report['RESOURCE_EXHAUSTED with retry-after'] = await trial(presets.http, () => request(client));
ask = () => {
  throw new Error('a slip of the server');
};
report['the server throws'] = await trial(presets.http, () => request(client));

ask = () => undefined;
report['the deadline is over'] = await trial(presets.http, () => request(client, { deadline: 50 }));
report['cancelled by the user'] = await cancelledTrial(presets.http, (signal) => request(client, { signal }));
const nobody = clientAt(`127.0.0.1:${await unusedPort()}`);
report.refused = await trial(presets.http, () => request(nobody));
nobody.close();

// A server that is no gRPC server, and hangs up.
const rude = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.once('data', () => socket.destroy());
});
const rudely = clientAt(`127.0.0.1:${await listening(rude)}`);
report['the connection is lost'] = await trial(presets.http, () => request(rudely));
rudely.close();
rude.close();

list = (call) => {
  call.write('first');
  call.emit('error', { code: status.UNAVAILABLE, details: 'going away' });
};
async function readAll(): Promise<string[]> {
  const items: string[] = [];
  for await (const item of (client as unknown as { list(request: string): AsyncIterable<string> }).list('x')) items.push(item);
  return items;
}
report['UNAVAILABLE in a stream'] = await trial(presets.http, readAll);

client.close();
report['a request on a client that was closed'] = await trial(presets.http, () => request(client));
server.forceShutdown();
console.log(JSON.stringify(report));
