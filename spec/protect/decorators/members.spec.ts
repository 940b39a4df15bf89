import { behavesLikeAProtectedMember } from '../../support/decorator-fixtures/member-case';
import { staticInitializer } from '../../support/decorator-fixtures/members-static-initializer';
import { tc39Members } from '../../support/decorator-fixtures/members-tc39';
import { protectsMembers } from './shared/members';

describe('a TC39 decorator', () => {
  protectsMembers();

  it.each([...tc39Members, staticInitializer])('protects $title', behavesLikeAProtectedMember);
});
