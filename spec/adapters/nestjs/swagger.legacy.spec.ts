import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiTags, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { CircuitBreaker, getPolicies, Retry } from '../../../lib';
import { create } from './support/application';
import { permutations } from './support/permutations';

class Charge {
  @ApiProperty({ minimum: 1 })
  amount!: number;
}

class Receipt {
  @ApiProperty()
  id!: string;
}

/** The same controller, with policies in some of the places of its decorators, or without. */
function paymentsWith(stack: MethodDecorator[]) {
  const [first, second, third, fourth, fifth] = stack;
  const nothing: MethodDecorator = () => undefined;
  @ApiTags('payments')
  @Controller('payments')
  class Payments {
    @(first ?? nothing)
    @(second ?? nothing)
    @(third ?? nothing)
    @(fourth ?? nothing)
    @(fifth ?? nothing)
    async read(@Param('id') id: string): Promise<Receipt> {
      return { id };
    }

    @Post()
    async charge(@Body() { amount }: Charge): Promise<Receipt> {
      return { id: String(amount) };
    }
  }
  return Payments;
}

const foreign = {
  Get: Get(':id'),
  ApiOperation: ApiOperation({ summary: 'One receipt', operationId: 'readReceipt' }),
  ApiOkResponse: ApiOkResponse({ type: Receipt }),
  ApiBearerAuth: ApiBearerAuth(),
};

async function documentOf(controller: ReturnType<typeof paymentsWith>): Promise<unknown> {
  const nest = await create({ controllers: [controller] });
  await nest.init();
  const document = SwaggerModule.createDocument(nest, new DocumentBuilder().setTitle('payments').build());
  await nest.close();
  return JSON.parse(JSON.stringify(document));
}

describe('a document of swagger', () => {
  it.each([
    ['@CircuitBreaker', CircuitBreaker as MethodDecorator],
    ['@Retry', Retry({ maxAttempts: 2 }) as MethodDecorator],
  ])('is the same with and without %s, in every order', async (_name, ours) => {
    const plain = (await documentOf(paymentsWith(Object.values(foreign)))) as { paths: Record<string, { get?: object }> };
    expect(plain.paths['/payments/{id}']?.get).toMatchObject({
      operationId: 'readReceipt',
      security: [{ bearer: [] }],
      responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Receipt' } } } } },
    });
    for (const order of permutations([...Object.values(foreign), ours])) {
      const controller = paymentsWith(order);
      expect(getPolicies(controller.prototype, 'read')).not.toEqual([]);
      expect(await documentOf(controller)).toEqual(plain);
    }
  });
});
