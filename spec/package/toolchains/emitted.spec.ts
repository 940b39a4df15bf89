import 'reflect-metadata';
import { join } from 'node:path';
import type { behavesLikeAProtectedMember, MemberCase } from '../../support/decorator-fixtures/member-case';
import type { VideoService } from '../../support/decorator-fixtures/typed-parameters';
import { compilers } from '../support/toolchains/compilers';
import { Emitted } from '../support/toolchains/load-emitted';
import { fixturesFolder, suitesFolder, suitesFor } from '../support/toolchains/suites';
import { standards, type Toolchain } from '../support/toolchains/toolchain';

describe.each(standards)('%s decorators of the installed package, emitted by', (standard) => {
  describe.each(compilers(standard))('$name', (toolchain: Toolchain) => {
    const emitted = new Emitted(toolchain);
    const fixture = <Exports>(name: string) => emitted.load<Exports>(join(fixturesFolder, `${name}.ts`));
    const memberCases = fixture<{ behavesLikeAProtectedMember: typeof behavesLikeAProtectedMember }>('member-case');

    describe.each(suitesFor(toolchain))('%s', (suite) => {
      const behaviours = emitted.load<Record<string, () => void>>(join(suitesFolder, `${suite}.ts`));
      for (const describeBehaviour of Object.values(behaviours)) describeBehaviour();
    });

    if (standard === 'TC39') {
      const { tc39Members } = fixture<{ tc39Members: MemberCase[] }>('members-tc39');
      it.each(tc39Members)('protects $title', memberCases.behavesLikeAProtectedMember);
    }

    it(`${toolchain.emitsMetadata ? 'tells' : 'does not tell'} the types of parameters to other decorators`, () => {
      const emittedTypes = fixture<{ VideoService: typeof VideoService }>('typed-parameters');

      const types: unknown = Reflect.getMetadata('design:paramtypes', emittedTypes.VideoService.prototype, 'download');

      expect(types).toEqual(toolchain.emitsMetadata ? [URL, String] : undefined);
    });

    it('resolves names late enough for static initializers', async () => {
      const { staticInitializer } = fixture<{ staticInitializer: MemberCase }>('members-static-initializer');
      // Without the real name ever given back, the inner one is what the class is called.
      const operation = toolchain.keepsNames ? staticInitializer.operation : '_VideoService.load';

      await memberCases.behavesLikeAProtectedMember({ ...staticInitializer, operation });
    });
  });
});
