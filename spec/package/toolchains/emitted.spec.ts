import 'reflect-metadata';
import { join } from 'node:path';
import { compilers } from '../support/toolchains/compilers';
import { Emitted } from '../support/toolchains/load-emitted';
import { fixturesFolder, suitesFolder, suitesFor } from '../support/toolchains/suites';
import { standards, type Toolchain } from '../support/toolchains/toolchain';

type MemberCase = import('../../support/decorator-fixtures/member-case').MemberCase;
type MemberCases = typeof import('../../support/decorator-fixtures/member-case');

describe.each(standards)('%s decorators of the installed package, emitted by', (standard) => {
  describe.each(compilers(standard))('$name', (toolchain: Toolchain) => {
    const emitted = new Emitted(toolchain);
    const fixture = <Exports>(name: string) => emitted.load<Exports>(join(fixturesFolder, `${name}.ts`));
    const { behavesLikeAProtectedMember } = fixture<MemberCases>('member-case');

    describe.each(suitesFor(toolchain))('%s', (suite) => {
      const behaviours = emitted.load<Record<string, () => void>>(join(suitesFolder, `${suite}.ts`));
      for (const describeBehaviour of Object.values(behaviours)) describeBehaviour();
    });

    if (standard === 'TC39') {
      const { tc39Members } = fixture<{ tc39Members: MemberCase[] }>('members-tc39');
      it.each(tc39Members)('protects $title', behavesLikeAProtectedMember);
    }

    it(`${toolchain.emitsMetadata ? 'tells' : 'does not tell'} the types of parameters to other decorators`, () => {
      const { VideoService } = fixture<typeof import('../../support/decorator-fixtures/typed-parameters')>('typed-parameters');

      const types: unknown = Reflect.getMetadata('design:paramtypes', VideoService.prototype, 'download');

      expect(types).toEqual(toolchain.emitsMetadata ? [URL, String] : undefined);
    });

    it('resolves names late enough for static initializers', async () => {
      const { staticInitializer } = fixture<{ staticInitializer: MemberCase }>('members-static-initializer');
      // Without the real name ever given back, the inner one is what the class is called.
      const operation = toolchain.keepsNames ? staticInitializer.operation : '_VideoService.load';

      await behavesLikeAProtectedMember({ ...staticInitializer, operation });
    });
  });
});
