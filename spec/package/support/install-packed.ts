import { installPacked } from '../../../scripts/support/packed-package';
import { run } from '../../../scripts/support/process';

/** Jest's global set-up of these specs: builds, packs and installs the package once, for all of them. */
export default function installPackedOnce(): void {
  run('tsx', ['scripts/build.ts']);
  process.env.BREAKER_BOX_CONSUMER = installPacked().folder;
}
