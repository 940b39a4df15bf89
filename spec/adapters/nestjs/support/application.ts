import type { AddressInfo } from 'node:net';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

export const platforms = {
  express: () => new ExpressAdapter(),
  fastify: () => new FastifyAdapter(),
};

/** The parts of a module. */
export type Parts = Omit<DynamicModule, 'module'>;

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: any;
}

/** A Nest application that listens on a free port of 127.0.0.1. */
export class Application {
  private constructor(
    readonly nest: INestApplication,
    readonly origin: string,
  ) {}

  static async start(parts: Parts, platform: keyof typeof platforms = 'express', prepare = (_nest: INestApplication): unknown => undefined): Promise<Application> {
    const nest = await create(parts, platform);
    prepare(nest);
    await nest.listen(0, '127.0.0.1');
    const { port } = nest.getHttpServer().address() as AddressInfo;
    return new Application(nest, `http://127.0.0.1:${port}`);
  }

  async request(path: string, init?: RequestInit): Promise<Answer> {
    const response = await fetch(`${this.origin}${path}`, init);
    const text = await response.text();
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: asJson(text) };
  }

  async close(): Promise<void> {
    await this.nest.close();
  }
}

/** An application that has not been initialised. What stops it from being made is thrown. */
export function create(parts: Parts, platform: keyof typeof platforms = 'express'): Promise<INestApplication> {
  return NestFactory.create<INestApplication>({ module: classOf('AppModule'), ...parts }, platforms[platform](), { logger: false, abortOnError: false });
}

/** A class of its own, as Nest knows modules by their class. */
function classOf(name: string): Type {
  return { [name]: class {} }[name] as Type;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
