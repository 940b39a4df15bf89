import { join } from 'node:path';
import { loadEmitted } from '../support/decorator-fixtures/load-emitted';
import { behavesLikeAProtectedMember, type MemberCase } from '../support/decorator-fixtures/member-case';
import { toolchains, type Toolchain } from '../support/decorator-fixtures/toolchains';

const FIXTURES = join(__dirname, '../support/decorator-fixtures');

describe.each(['legacy', 'TC39'])('%s decorators emitted by', (standard) => {
  describe.each(toolchains.filter((toolchain) => toolchain.standard === standard))('$name', (toolchain: Toolchain) => {
    const runSuite = (suite: string) => {
      const file = join(__dirname, 'shared', `${suite}.ts`);
      for (const describeBehaviour of Object.values(loadEmitted<Record<string, () => void>>(toolchain, file))) {
        describe(suite, describeBehaviour);
      }
    };

    ['members', 'forwarding', 'inheritance', 'names', 'bare', 'scope', 'stacking', 'foreign-decorators', 'receivers', 'metadata', 'misuse'].forEach(runSuite);
    if (toolchain.nativeStreams) runSuite('streams');

    if (standard === 'TC39') {
      ['fields', 'field-receivers'].forEach(runSuite);
      if (toolchain.nativeStreams) runSuite('field-streams');
      runSuite('misuse-tc39');
      const file = join(FIXTURES, 'members-tc39.ts');
      const { tc39Members } = loadEmitted<{ tc39Members: MemberCase[] }>(toolchain, file);
      it.each(tc39Members)('protects $title', behavesLikeAProtectedMember);
    }

    if (standard === 'legacy') runSuite('misuse.legacy');

    it('resolves names late enough for static initializers', async () => {
      const file = join(FIXTURES, 'members-static-initializer.ts');
      const { staticInitializer } = loadEmitted<{ staticInitializer: MemberCase }>(toolchain, file);
      // Without the real name ever given back, the inner one is what the class is called.
      const operation = toolchain.keepsNames ? staticInitializer.operation : '_VideoService.load';

      await behavesLikeAProtectedMember({ ...staticInitializer, operation });
    });
  });
});
