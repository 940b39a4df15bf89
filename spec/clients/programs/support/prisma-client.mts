import * as runtime from '@prisma/client/runtime/client';

/**
 * What `prisma generate` writes for one model, shortened to what the program needs: the generator of Prisma 7 needs no server, but downloads
 * a binary that only migrations use. Its environment variable `PRISMA_SCHEMA_ENGINE_BINARY` tells it of another one, such as `/bin/true`.
 * Whoever installs another major of Prisma generates this again, from this schema, and copies `config` of `internal/class.ts`.
 */
const schema = `
generator client {
  provider = "prisma-client"
  output   = "./generated"
  runtime  = "nodejs"
}

datasource db {
  provider = "postgresql"
}

model Item {
  id   Int    @id
  name String
  @@map("items")
}
`;

const config = {
  previewFeatures: [],
  clientVersion: '7.10.1',
  engineVersion: 'd1b3f377ca835d73fd50954a5e22128b9ebdd6b8',
  activeProvider: 'postgresql',
  inlineSchema: schema,
  runtimeDataModel: { models: { Item: { fields: [{ name: 'id', kind: 'scalar', type: 'Int' }, { name: 'name', kind: 'scalar', type: 'String' }], dbName: 'items' } }, enums: {}, types: {} },
  parameterizationSchema: {
    strings: [
      'where', 'Item.findUnique', 'Item.findUniqueOrThrow', 'orderBy', 'cursor', 'Item.findFirst', 'Item.findFirstOrThrow', 'Item.findMany',
      'data', 'Item.createOne', 'Item.createMany', 'Item.createManyAndReturn', 'Item.updateOne', 'Item.updateMany',
      'Item.updateManyAndReturn', 'create', 'update', 'Item.upsertOne', 'Item.deleteOne', 'Item.deleteMany', 'having', '_count', '_avg',
      '_sum', '_min', '_max', 'Item.groupBy', 'Item.aggregate', 'AND', 'OR', 'NOT', 'id', 'name', 'equals', 'in', 'notIn', 'lt', 'lte',
      'gt', 'gte', 'contains', 'startsWith', 'endsWith', 'not', 'set', 'increment', 'decrement', 'multiply', 'divide',
    ],
    graph: [
      'KwsQBRwAACIAMB0AAAQAEB4AACIAMB8CAAAAASABACQAIQEAAAABACABAAAAAQAgBRwAACIAMB0AAAQAEB4AACIAMB8CACMAISABACQAIQADAAAABAAgAwAABQAwBAAAAQ',
      'AgAwAAAAQAIAMAAAUAMAQAAAEAIAMAAAAEACADAAAFADAEAAABACACHwIAAAABIAEAAAABAQgAAAkAIAIfAgAAAAEgAQAAAAEBCAAACwAwAQgAAAsAMAIfAgAqACEgAQAr',
      'ACECAAAAAQAgCAAADgAgAh8CACoAISABACsAIQIAAAAEACAIAAAQACACAAAABAAgCAAAEAAgAwAAAAEAIA8AAAkAIBAAAA4AIAEAAAABACABAAAABAAgBRUAACUAIBYAAC',
      'YAIBcAACkAIBgAACgAIBkAACcAIAUcAAAaADAdAAAXABAeAAAaADAfAgAbACEgAQAcACEDAAAABAAgAwAAFgAwFAAAFwAgAwAAAAQAIAMAAAUAMAQAAAEAIAUcAAAaADAd',
      'AAAXABAeAAAaADAfAgAbACEgAQAcACENFQAAHgAgFgAAIQAgFwAAHgAgGAAAHgAgGQAAHgAgIQIAAAABIgIAAAAEIwIAAAAEJAIAAAABJQIAAAABJgIAAAABJwIAAAABKw',
      'IAIAAhDhUAAB4AIBgAAB8AIBkAAB8AICEBAAAAASIBAAAABCMBAAAABCQBAAAAASUBAAAAASYBAAAAAScBAAAAASgBAAAAASkBAAAAASoBAAAAASsBAB0AIQ4VAAAeACAY',
      'AAAfACAZAAAfACAhAQAAAAEiAQAAAAQjAQAAAAQkAQAAAAElAQAAAAEmAQAAAAEnAQAAAAEoAQAAAAEpAQAAAAEqAQAAAAErAQAdACEIIQIAAAABIgIAAAAEIwIAAAAEJA',
      'IAAAABJQIAAAABJgIAAAABJwIAAAABKwIAHgAhCyEBAAAAASIBAAAABCMBAAAABCQBAAAAASUBAAAAASYBAAAAAScBAAAAASgBAAAAASkBAAAAASoBAAAAASsBAB8AIQ0V',
      'AAAeACAWAAAhACAXAAAeACAYAAAeACAZAAAeACAhAgAAAAEiAgAAAAQjAgAAAAQkAgAAAAElAgAAAAEmAgAAAAEnAgAAAAErAgAgACEIIQgAAAABIggAAAAEIwgAAAAEJA',
      'gAAAABJQgAAAABJggAAAABJwgAAAABKwgAIQAhBRwAACIAMB0AAAQAEB4AACIAMB8CACMAISABACQAIQghAgAAAAEiAgAAAAQjAgAAAAQkAgAAAAElAgAAAAEmAgAAAAEn',
      'AgAAAAErAgAeACELIQEAAAABIgEAAAAEIwEAAAAEJAEAAAABJQEAAAABJgEAAAABJwEAAAABKAEAAAABKQEAAAABKgEAAAABKwEAHwAhAAAAAAAFLAIAAAABLQIAAAABLg',
      'IAAAABLwIAAAABMAIAAAABASwBAAAAAQAAAAAFFQAGFgAHFwAIGAAJGQAKAAAAAAAFFQAGFgAHFwAIGAAJGQAKAQIBAgMBBQYBBgcBBwgBCQoBCgwCCw0DDA8BDRECDhIE',
      'ERMBEhQBExUCGhgFGxkL',
    ].join(''),
  },
  compilerWasm: {
    getRuntime: () => import('@prisma/client/runtime/query_compiler_fast_bg.postgresql.mjs'),
    getQueryCompilerWasmModule: async () => {
      const { wasm } = await import('@prisma/client/runtime/query_compiler_fast_bg.postgresql.wasm-base64.mjs');
      return new (globalThis as any).WebAssembly.Module(Buffer.from(wasm, 'base64'));
    },
    importName: './query_compiler_fast_bg.js',
  },
};

export const PrismaClient: new (options: object) => any = runtime.getPrismaClient(config as any) as any;
