import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { outcomeOf, root, run } from '../../scripts/support/process';
import '../support/real-work';

const tsx = pathToFileURL(require.resolve('tsx')).href;

/** A hook of Git that runs this spec has set them, and they speak of another repository. */
const inFolder = { GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined };

let folder: string;

/** A repository with the script, the version 1.2.3, and no tag. */
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'release-')));
  for (const file of ['scripts/check-release.ts', 'scripts/support/process.ts']) cpSync(join(root, file), join(folder, file));
  writeFileSync(join(folder, 'package.json'), '{ "name": "some", "version": "1.2.3", "type": "commonjs" }\n');
  writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2027-01-31\n\n- something\n');
  git('init', '--quiet');
  commit();
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function git(...args: readonly string[]): void {
  run('git', ['-c', 'user.name=somebody', '-c', 'user.email=somebody@example.org', '-c', 'commit.gpgSign=false', ...args], { cwd: folder, env: inFolder });
}

function commit(): void {
  git('add', '--all');
  git('commit', '--quiet', '--message', 'a commit');
}

/** What `npm publish` runs. */
function check(isRehearsal: boolean) {
  const env = { ...inFolder, npm_config_dry_run: isRehearsal ? 'true' : undefined };
  const { status, stderr } = outcomeOf(process.execPath, ['--import', tsx, join(folder, 'scripts', 'check-release.ts')], { cwd: folder, env });
  return { status, said: stderr.split('\n').filter(Boolean) };
}

describe.each([['a release', false], ['a rehearsal', true]])('%s', (_what, isRehearsal) => {
  it('of a commit that has all is let through, and nothing is said', () => {
    git('tag', 'v1.2.3');
    expect(check(isRehearsal)).toEqual({ status: 0, said: [] });
  });

  it('says all that is missing, and only a release is refused for it', () => {
    writeFileSync(join(folder, 'CHANGELOG.md'), '## [1.2.30] - 2027-01-31\n\n## [1.2.3]\n\n## [1x2.3] - 2027-01-31\n');
    git('tag', 'v1.2.30');
    const refused = isRehearsal ? 'A release would be refused' : 'No release';
    expect(check(isRehearsal)).toEqual({
      status: isRehearsal ? 0 : 1,
      said: [
        `${refused}: the working tree has changes that are not committed`,
        `${refused}: the commit has no tag v1.2.3`,
        `${refused}: CHANGELOG.md has no section “## [1.2.3] - <date>”`,
      ],
    });
  });

  it('wants the tag on this commit, not on one before it', () => {
    git('tag', 'v1.2.3');
    writeFileSync(join(folder, 'later.txt'), '');
    commit();
    expect(check(isRehearsal).said).toEqual([expect.stringContaining('the commit has no tag v1.2.3')]);
  });
});
