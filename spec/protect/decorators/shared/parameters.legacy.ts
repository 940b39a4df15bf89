import { expectMisuse, forms } from '../../../support/decorator-fixtures/misuse';

/** Apart from the others, because Babel knows no decorators of parameters. */
export function refusesParameters(): void {
  describe.each(forms)('%s', (name, decorator) => {
    it('refuses a parameter', () => {
      const declare = () => {
        class VideoService {
          async download(@decorator id: string): Promise<string> {
            return id;
          }
        }
        return VideoService;
      };

      expectMisuse(declare, name, 'VideoService.download');
    });

    it('refuses a parameter of the constructor', () => {
      const declare = () => {
        class VideoService {
          constructor(@decorator readonly server: string) {}
        }
        return VideoService;
      };

      expectMisuse(declare, name, 'VideoService');
    });
  });
}
