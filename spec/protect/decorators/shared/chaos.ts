import { BreakerRegistry, Chaos } from '../../../../lib';
import { errorOf } from '../../../support/decorator-fixtures/misuse';

export function strikesMethods(): void {
  it('does to a method what it is told', async () => {
    const drill = new Error('drill');
    class Videos {
      @Chaos({ fault: drill, enabled: true, registry: new BreakerRegistry() })
      async download(): Promise<string> {
        return 'it';
      }
    }
    await expect(new Videos().download()).rejects.toBe(drill);
  });

  it.each([['bare', Chaos], ['without options', (Chaos as any)()]])('is refused %s, naming the member', (_how, decorator: any) => {
    const error = errorOf(() => {
      class Videos {
        @decorator
        async download(): Promise<void> {}
      }
      return Videos;
    });
    expect((error as Error).message).toMatch(/^@Chaos on (Videos\.)?download: /);
  });
}
