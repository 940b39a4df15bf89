import { rmSync } from 'node:fs';

export default function removePacked(): void {
  const folder = process.env.BREAKER_BOX_CONSUMER;
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
