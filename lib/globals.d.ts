/** False in a browser's production build, which drops what only a developer reads: sentences, suggestions, hints and lint. The build replaces it. */
declare const __DEV__: boolean;
