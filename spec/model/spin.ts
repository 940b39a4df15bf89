import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a model is checked with. */
export interface Check {
  /** A file of this folder, without its extension. */
  readonly model: 'safety' | 'liveness';
  /** What it is told by `-D`. */
  readonly defines: readonly string[];
  /** Steps that a run may have. To show a failure, few will do; to exclude one, it must be more than the longest run has. */
  readonly depth: number;
}

export interface Verdict {
  /** What the verifier says. */
  readonly report: string;
  /** When it found an error: the run that leads there, as the simulator replays it, to the state at its end. */
  readonly trail: string | undefined;
}

/** Programs that are needed and cannot be run here. */
export function missingPrograms(): string[] {
  return [
    ['spin', '-V'],
    ['gcc', '--version'],
  ].flatMap(([program = '', flag = '']) => (spawnSync(program, [flag]).status === 0 ? [] : [program]));
}

/** To compile it well takes longer than a short run. */
const MANY_STEPS = 1000;

/** Makes the verifier of a model, and runs it to its end. */
export function verify({ model, defines, depth }: Check): Verdict {
  const folder = mkdtempSync(join(tmpdir(), 'breaker-box-model-'));
  const file = join(__dirname, `${model}.pml`);
  const flags = defines.map((define) => `-D${define}`);
  const isSafety = model === 'safety';
  try {
    outputOf(folder, 'spin', [...flags, '-a', file]);
    // Each step of the model touches what all share: reduction finds nothing to leave out, and costs time.
    outputOf(folder, 'gcc', [depth < MANY_STEPS ? '-O0' : '-O2', '-w', '-DNOREDUCE', isSafety ? '-DSAFETY' : '-DNFAIR=3', '-o', 'pan', 'pan.c']);
    const report = outputOf(folder, './pan', [`-m${depth}`, ...(isSafety ? [] : ['-a', '-f'])]);
    const hasError = !/errors: 0$/m.test(report);
    return { report, trail: hasError ? outputOf(folder, 'spin', [...flags, '-t', '-k', `${model}.pml.trail`, file]) : undefined };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function outputOf(folder: string, program: string, args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  if (error) throw error;
  const output = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')}: exit code ${status}\n${output}`);
  return output;
}
