import { behavesLikeAProtectedMember } from '../../support/decorator-fixtures/member-case';
import { staticInitializer } from '../../support/decorator-fixtures/members-static-initializer';
import { protectsMembers } from './shared/members';

describe('a legacy decorator', () => {
  protectsMembers();

  it.each([staticInitializer])('protects $title', behavesLikeAProtectedMember);
});
