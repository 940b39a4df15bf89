import type { AddressInfo } from 'node:net';
import { Controller, Injectable, UseFilters, type INestApplication } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, Transport, type ClientProxy } from '@nestjs/microservices';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { firstValueFrom } from 'rxjs';
import { io, type Socket } from 'socket.io-client';
import { ThrottledError } from '../../../lib';
import { BreakerBoxExceptionFilter, BreakerBoxModule } from '../../../lib/adapters/nestjs';
import { create, type Parts } from './support/application';

const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => Promise.reject(new Error('was accepted')), (error: unknown) => error);

let nest: INestApplication;

afterEach(() => nest.close());

describe('a microservice', () => {
  @Controller()
  class Rates {
    @MessagePattern('rates')
    rates(): never {
      throw new ThrottledError('rates', 1500);
    }
  }

  /** Starts a hybrid application and asks it by TCP. */
  async function answerOf(imports: Parts['imports']): Promise<unknown> {
    nest = await create({ controllers: [Rates], imports: imports ?? [] });
    const microservice = nest.connectMicroservice({ transport: Transport.TCP, options: { port: 0, host: '127.0.0.1' } }, { inheritAppConfig: true });
    await nest.startAllMicroservices();
    const { port } = microservice.unwrap<{ address(): AddressInfo }>().address();
    const client: ClientProxy = ClientProxyFactory.create({ transport: Transport.TCP, options: { port, host: '127.0.0.1' } });
    try {
      return await rejection(firstValueFrom(client.send('rates', {})));
    } finally {
      await client.close();
    }
  }

  it('answers with the filter what it answers without', async () => {
    const without = await answerOf([]);
    await nest.close();
    expect(await answerOf([BreakerBoxModule.forRoot()])).toEqual(without);
    expect(without).toMatchObject({ status: 'error', message: 'Internal server error' });
  });
});

describe('a context of another library, such as GraphQL\'s', () => {
  @Injectable()
  class Resolver {
    async rates(): Promise<never> {
      throw new ThrottledError('rates', 1500);
    }
  }

  it('rejects with the error itself', async () => {
    nest = await create({ imports: [BreakerBoxModule.forRoot()], providers: [Resolver] });
    await nest.init();
    const resolver = nest.get(Resolver);
    const contexts = nest.get(ExternalContextCreator, { strict: false });
    const call = contexts.create(resolver, resolver.rates, 'rates', undefined, undefined, undefined, undefined, undefined, 'graphql');
    expect(await rejection(call())).toBeInstanceOf(ThrottledError);
  });
});

describe('a gateway', () => {
  class Rates {
    @SubscribeMessage('rates')
    async rates(): Promise<never> {
      throw new ThrottledError('rates', 1500);
    }
  }

  @WebSocketGateway()
  @UseFilters(BreakerBoxExceptionFilter)
  class Filtered extends Rates {}

  @WebSocketGateway()
  class Unfiltered extends Rates {}

  async function exceptionOf(gateway: typeof Rates): Promise<unknown> {
    nest = await create({ imports: [BreakerBoxModule.forRoot()], providers: [gateway] });
    await nest.listen(0, '127.0.0.1');
    const { port } = nest.getHttpServer().address() as AddressInfo;
    const socket: Socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
    try {
      return await new Promise((resolve) => {
        socket.on('exception', resolve);
        socket.emit('rates');
      });
    } finally {
      socket.close();
    }
  }

  it('that names the filter says what its client can do', async () => {
    expect(await exceptionOf(Filtered)).toEqual({ status: 'error', message: 'temporarily overloaded, try again in 2 s' });
  });

  it('that does not is left to Nest', async () => {
    expect(await exceptionOf(Unfiltered)).toMatchObject({ status: 'error', message: 'Internal server error' });
  });
});
