/** Where clients keep the error that they wrap. */
const WRAPPED = ['cause', 'parent', 'original', 'originalError', 'driverError', 'lastError', 'lastNodeError', 'info', 'meta', 'driverAdapterError'];

/** What differs from run to run or from machine to machine, tells where something was called from, or is for people. */
const LEFT_OUT = new Set(['stack', 'file', 'line', 'routine', 'position', 'sql', 'query', 'parameters', 'params', 'clientVersion', 'command', 'length', 'internalPosition', 'timeTaken', 'where', 'detail', 'hint']);

/** An error as JSON: name, message, its own fields, and the errors in it. */
export function shapeOf(error: any, depth = 0): Record<string, unknown> {
  const shape: Record<string, unknown> = {};
  if (error instanceof Error) {
    Object.assign(shape, { name: error.name, message: stable(error.message) });
    // Some classes set no name.
    if (error.name === 'Error' && error.constructor !== Error) shape.constructorName = error.constructor.name;
  }
  for (const key of Object.getOwnPropertyNames(error)) {
    const value = error[key];
    if (LEFT_OUT.has(key) || key === 'name' || key === 'message' || WRAPPED.includes(key)) continue;
    if (typeof value === 'string') shape[key] = stable(value);
    else if (typeof value === 'number') shape[key] = key === 'port' ? 1 : value;
    else if (typeof value === 'boolean') shape[key] = value;
  }
  if (depth > 3) return shape;
  for (const key of WRAPPED) {
    if (typeof error[key] === 'object' && error[key] !== null) shape[key] = shapeOf(error[key], depth + 1);
  }
  if (Array.isArray(error.errors)) shape.errors = error.errors.map((one: any) => shapeOf(one, depth + 1));
  else if (error.errors instanceof Error) shape.errors = shapeOf(error.errors, depth + 1);
  if (error.errorLabelSet instanceof Set) shape.errorLabels = [...error.errorLabelSet];
  return shape;
}

function stable(text: string): string {
  return text
    .replaceAll(/(127\.0\.0\.1|::1|localhost):\d+/g, '$1:1')
    // Either of two may lose a deadlock.
    .replaceAll(/\bid = \d/g, 'id = 1')
    .replaceAll(/\b\d+ ms passed/g, '1 ms passed');
}
