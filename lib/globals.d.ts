/** False in a browser's production build, which drops what only a developer reads: sentences, suggestions, hints and lint. The build replaces it. */
declare const __DEV__: boolean;

/** False in the build for browsers and workers, which drops what only Node, Bun and Deno have: shared timers, diagnostics channels, inspection. The build replaces it. */
declare const __NODE__: boolean;
