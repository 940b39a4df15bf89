/** A folder of `lib/`, as in `MUTATE=retry npm run mutate`. */
export const mutatedFolder = process.env['MUTATE'] ?? '';

/**
 * Further folders of `spec/` that judge the mutants of that folder, as in `MUTATE_SPECS=registry,protect`; `all` for every spec that can
 * run here. The specs of the folder itself alone are several times faster, and their survivors are judged by the others in a second run.
 */
export const furtherSpecs = (process.env['MUTATE_SPECS'] ?? '').split(',').filter(Boolean);

export const withAllSpecs = mutatedFolder === '' || furtherSpecs.includes('all');

/**
 * For how long a mutant is judged, as in `MUTATE_SECONDS=20`: what nothing has noticed by then counts as a survivor, and the score as a lower
 * bound. More than the usual is for survivors, judged once more by themselves: `--force --mutate lib/core/call.ts:120-125`.
 */
export const judgedForMs = 1000 * Number(process.env['MUTATE_SECONDS'] ?? 5);
