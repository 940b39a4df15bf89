import type { AnyFunction } from '../core/call';
import { isClass } from '../core/safe-inspect';
import { pipelineWithin } from './wrapper';

/** A member of a finished class, by its name: an own one, or one that it inherits. */
export class ClassMember {
  /** The method; undefined where the class has none of that name. */
  readonly fn: AnyFunction | undefined;
  /** Why it cannot be protected; undefined when it can, and when there is no such member. */
  readonly problem: string | undefined;
  readonly #found: PropertyDescriptor | undefined;
  readonly #isInherited: boolean;

  /** @param home - The prototype; of a static member, the class. */
  constructor(private readonly home: object, readonly name: string | symbol) {
    this.#found = descriptorIn(home, name);
    this.#isInherited = !Object.hasOwn(home, name);
    const value: unknown = this.#found?.value;
    this.fn = typeof value === 'function' ? (value as AnyFunction) : undefined;
    this.problem = this.#problem();
  }

  /** Puts a wrapper in its place. An inherited one stays where it is. */
  replace(wrapper: AnyFunction): void {
    Object.defineProperty(this.home, this.name, { ...this.#found, value: wrapper });
  }

  /** Takes {@link replace} back. */
  restore(): void {
    if (Object.getOwnPropertyDescriptor(this.home, this.name)?.value === this.fn) return;
    if (this.#isInherited) Reflect.deleteProperty(this.home, this.name);
    else Reflect.defineProperty(this.home, this.name, this.#found as PropertyDescriptor);
  }

  #problem(): string | undefined {
    const found = this.#found;
    if (found === undefined) return undefined;
    if (this.name === 'constructor') return 'the constructor is no method';
    if (found.get !== undefined || found.set !== undefined) return 'a getter or setter cannot be protected, only a method';
    if (this.fn === undefined) return 'is no method';
    if (isClass(this.fn)) return 'is a class, and no method';
    const pipeline = pipelineWithin(this.fn);
    if (pipeline !== undefined) return `is protected already, as ${pipeline.name}: give all its policies in one place`;
    const isFixed = this.#isInherited ? !Object.isExtensible(this.home) : found.configurable === false && found.writable === false;
    return isFixed ? 'cannot be replaced: the class is frozen' : undefined;
  }
}

/** The methods that a class or prototype has or inherits, for messages. */
export function methodNames(home: object): string[] {
  const names = chainOf(home).flatMap((one) => Object.getOwnPropertyNames(one));
  return [...new Set(names)].filter((name) => {
    const { fn } = new ClassMember(home, name);
    return fn !== undefined && name !== 'constructor' && !isClass(fn);
  });
}

function descriptorIn(home: object, name: string | symbol): PropertyDescriptor | undefined {
  return chainOf(home).map((one) => Object.getOwnPropertyDescriptor(one, name)).find((found) => found !== undefined);
}

/** An object with what it inherits from, short of what every object or function has. */
function chainOf(home: object): object[] {
  const chain: object[] = [];
  let one: unknown = home;
  while (typeof one === 'object' || typeof one === 'function') {
    if (one === null || one === Object.prototype || one === Function.prototype) break;
    chain.push(one);
    one = Object.getPrototypeOf(one);
  }
  return chain;
}
