/** A folder of `lib/`, as in `MUTATE=policies/retry npm run mutate`. */
export const mutatedFolder = process.env['MUTATE'] ?? '';

/**
 * Further folders of `spec/` that judge the mutants of that folder, as in `MUTATE_SPECS=registry,pipeline`; `all` for every spec that can
 * run here. The specs of the folder itself alone are several times faster, and their survivors are judged by the others in a second run.
 */
export const furtherSpecs = (process.env['MUTATE_SPECS'] ?? '').split(',').filter(Boolean);

export const withAllSpecs = mutatedFolder === '' || furtherSpecs.includes('all');
