import { isClass } from './is-class';
import { nameOf } from './thrown';

/** A value in short, the same in every run: plain data in full, functions and objects of a class by name, other objects with methods as `object`. */
export function valueText(value: unknown): string {
  if (!__DEV__) return typeof value;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return `${isClass(value) ? 'class' : 'function'} ${nameOf(value)}`.trimEnd();
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  const { constructor } = value;
  if (typeof constructor === 'function' && constructor !== Object) return nameOf(constructor);
  if (Object.values(value).some((part) => typeof part === 'function')) return 'object';
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return entries.length === 0 ? '{}' : `{ ${entries.map(([name, part]) => `${name}: ${valueText(part)}`).join(', ')} }`;
}
