type Method = (this: unknown, ...args: any[]) => unknown;

/**
 * A method decorator as other libraries write them, for both standards at once: `visit` gets the method and may return
 * another one to put in its place.
 */
function foreign(visit: (method: Method) => Method | void): any {
  return (target: Method, _context: unknown, descriptor?: TypedPropertyDescriptor<Method>) => {
    if (descriptor === undefined) return visit(target);
    descriptor.value = visit(descriptor.value!) ?? descriptor.value;
    return descriptor;
  };
}

/** Like NestJS's: metadata on the function itself, the way guards and routes are declared. */
export const SetMetadata = (key: unknown, value: unknown): any =>
  foreign((method) => Reflect.defineMetadata(key, value, method));

/** Keeps the method as this place in the stack sees it. */
export const Capture = (seen: Method[]): any => foreign((method) => void seen.push(method));

/** Puts properties on the method. */
export const Tag = (properties: object): any => foreign((method) => void Object.assign(method, properties));

/** Replaces the method by one that notes its label before each call, as a logging or tracing decorator does. */
export const Trace = (log: string[], label: string): any =>
  foreign(
    (method) =>
      function traced(this: unknown, ...args: unknown[]) {
        log.push(label);
        return method.apply(this, args);
      },
  );
