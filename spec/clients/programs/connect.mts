import { createServer } from 'node:http2';
import { create, createFileRegistry, type DescService } from '@bufbuild/protobuf';
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient, type ConnectRouter, type HandlerContext, type Transport } from '@connectrpc/connect';
import { connectNodeAdapter, createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import { presets } from 'breaker-box/presets';
import { listening, unusedPort } from './support/server.mts';
import { cancelledTrial, trial } from './support/trial.mts';

// What `buf generate` would make of a file with one service.
const file = create(FileDescriptorProtoSchema, {
  name: 'test.proto',
  package: 'test',
  syntax: 'proto3',
  messageType: [
    {
      name: 'Text',
      field: [{ name: 'text', number: 1, label: FieldDescriptorProto_Label.OPTIONAL, type: FieldDescriptorProto_Type.STRING }],
    },
  ],
  service: [
    {
      name: 'Tester',
      method: [
        { name: 'Ask', inputType: '.test.Text', outputType: '.test.Text' },
        { name: 'List', inputType: '.test.Text', outputType: '.test.Text', serverStreaming: true },
      ],
    },
  ],
});
const Tester = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).getService('test.Tester') as DescService;

let ask: (context: HandlerContext) => Promise<object> = async () => ({});
const routes = (router: ConnectRouter): void => {
  router.service(Tester, {
    ask: (_request: unknown, context: HandlerContext) => ask(context),
    async *list() {
      yield { text: 'first' };
      throw new ConnectError('going away', Code.Unavailable);
    },
  } as never);
};
const server = createServer(connectNodeAdapter({ routes }));
const sessions = new Set<{ destroy(): void }>();
server.on('session', (session) => sessions.add(session));
const baseUrl = `http://127.0.0.1:${await listening(server)}`;
const report: Record<string, unknown> = {};

interface Client {
  ask(request: object, options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<unknown>;
  list(request: object): AsyncIterable<unknown>;
}
const over = (transport: Transport) => createClient(Tester, transport) as unknown as Client;

for (const [protocol, createTransport] of Object.entries({ connect: createConnectTransport, grpc: createGrpcTransport })) {
  const client = over(createTransport({ baseUrl, httpVersion: '2' }));
  const named = (situation: string): string => `${protocol}: ${situation}`;
  for (const code of Object.values(Code)) {
    if (typeof code !== 'number') continue;
    ask = async () => {
      throw new ConnectError('as it says', code);
    };
    report[named(`the server answers ${Code[code]}`)] = await trial(presets.http, () => client.ask({}));
  }
  ask = async () => {
    throw new ConnectError('later', Code.ResourceExhausted, { 'retry-after': '10' });
  };
  report[named('ResourceExhausted with retry-after')] = await trial(presets.http, () => client.ask({}));
  ask = () => new Promise(() => undefined);
  report[named('the deadline is over')] = await trial(presets.http, () => client.ask({}, { timeoutMs: 50 }));
  report[named('cancelled by the user')] = await cancelledTrial(presets.http, (signal) => client.ask({}, { signal }));
  report[named('cancelled by the user, for a reason')] = await cancelledTrial(presets.http, (signal) => client.ask({}, { signal }), new Error('the user left'));
  report[named('AbortSignal.timeout() over')] = await trial(presets.http, () => client.ask({}, { signal: AbortSignal.timeout(30) }));
  const nobody = over(createTransport({ baseUrl: `http://127.0.0.1:${await unusedPort()}`, httpVersion: '2' }));
  report[named('refused')] = await trial(presets.http, () => nobody.ask({}));
  ask = async () => {
    for (const session of sessions) session.destroy();
    return {};
  };
  report[named('the session is lost')] = await trial(presets.http, () => client.ask({}));
  report[named('Unavailable in a stream')] = await trial(presets.http, async () => {
    const items: unknown[] = [];
    for await (const item of client.list({})) items.push(item);
    return items;
  });
}

server.close();
for (const session of sessions) session.destroy();
console.log(JSON.stringify(report));
process.exit();
