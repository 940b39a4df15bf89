/** The operation of a strategy whose methods are called directly, without `forOperation`; also a lone breaker's name. */
export const UNNAMED = 'anonymous';
