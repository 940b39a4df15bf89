import { behavesLikeAProtectedMember } from '../../../support/decorator-fixtures/member-case';
import { members } from '../../../support/decorator-fixtures/members';

export function protectsMembers(): void {
  it.each(members)('protects $title', behavesLikeAProtectedMember);
}
