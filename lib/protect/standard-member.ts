import { pipelineOf } from './wrapper';
import type { DerivedName, Site } from '../registry/site';
import { classOf, derivedName, memberLabel, MemberMap, type Class } from './member';

/** As much of a standard decorator's context as is used. */
export interface Context {
  readonly kind: string;
  readonly name: string | symbol;
  readonly static: boolean;
  readonly private: boolean;
  readonly access?: { readonly get?: unknown };
  readonly metadata?: unknown;
  addInitializer(initializer: (this: unknown) => void): void;
}

/** The members of a class, by what its decorators see of it. */
const members = new WeakMap<object, StandardMember[]>();

/**
 * The member that a decorator decorates: one object for all decorators of it, with other people's between them. Each of them
 * gets a context of its own; what contexts share is the class's metadata object, and where the runtime has no `Symbol.metadata`,
 * with TypeScript's the member's accessor.
 */
export function memberOf(context: Context): StandardMember {
  const shared = [context.metadata, context.access?.get].find(isObject) ?? context;
  const known = members.get(shared) ?? [];
  members.set(shared, known);
  let member = known.find((one) => one.isOf(context));
  if (member === undefined) known.push((member = new StandardMember(context)));
  return member;
}

/** The members whose class was guessed, by that class's prototype and their name. */
const guesses = new MemberMap<StandardMember>();

/**
 * A member that standard decorators protect. They do not know its class: the class itself tells for a static member, the first
 * instance for the others.
 */
export class StandardMember {
  /** Its operation. */
  site: Site | undefined;
  readonly #context: Context;
  #owner: Class | undefined;
  #wasSeen = false;

  constructor(context: Context) {
    this.#context = context;
  }

  isOf({ kind, name, static: isStatic, private: isPrivate }: Context): boolean {
    const mine = this.#context;
    return mine.kind === kind && mine.name === name && mine.static === isStatic && mine.private === isPrivate;
  }

  /** Its operation's name: undefined until a class or a call was seen; the member's own where no class was found. */
  get operationName(): DerivedName | undefined {
    const { name } = this.#context;
    if (this.#owner !== undefined) return derivedName(this.#owner, name);
    return this.#wasSeen ? { name: memberLabel(name), identifier: undefined } : undefined;
  }

  /** Looks at what its initializer ran for: the class itself, or an instance of it or of a subclass. */
  initialize(target: unknown): void {
    this.#wasSeen = true;
    if (this.#owner !== undefined || !isObject(target)) return;
    if (this.#context.static) this.#owner = classOf(target, true);
    else this.#owner = this.#provenOwner(target);
    if (this.#owner === undefined) this.#guessOwner(chainFrom(Object.getPrototypeOf(target)));
  }

  /** Looks at the receiver of a call. That may be anything, so only proof counts. */
  meet(receiver: unknown): void {
    this.#wasSeen = true;
    if (this.#owner === undefined && isObject(receiver)) this.#owner = this.#provenOwner(receiver);
  }

  /** The class that holds our wrapper, or else the one whose metadata our decorators were given. */
  #provenOwner(receiver: object): Class | undefined {
    const { name, static: isStatic, private: isPrivate, metadata } = this.#context;
    const homes = chainFrom(isStatic ? receiver : Object.getPrototypeOf(receiver));
    const home = isPrivate ? undefined : homes.find((one) => this.#isBehind(Object.getOwnPropertyDescriptor(one, name)?.value));
    if (home !== undefined) return classOf(home, isStatic);
    if (!isObject(metadata)) return undefined;
    return homes.map((one) => classOf(one, isStatic)).find((one) => one !== undefined && metadataOf(one) === metadata);
  }

  /** Whether a function is our wrapper, or a stranger's that keeps ours as its prototype. */
  #isBehind(value: unknown): boolean {
    return this.site !== undefined && chainFrom(value).some((one) => pipelineOf(one)?.site === this.site);
  }

  /**
   * A stranger's wrapper hides ours, or the member is none that a prototype has. The name, for which alone this serves, is
   * then that of the nearest class that has such a member, or of the instance's own.
   */
  #guessOwner(homes: readonly object[]): void {
    const { kind, name, private: isPrivate } = this.#context;
    const isOnPrototype = kind === 'method' && !isPrivate;
    const at = isOnPrototype ? homes.findIndex((home) => Object.hasOwn(home, name)) : 0;
    const home = homes[at];
    if (home === undefined) return;
    this.#owner = classOf(home, false);
    if (!isOnPrototype) return;
    const other = guesses.get(home, name);
    guesses.set(home, name, this);
    // The initializers of a base class run before those of its subclasses: the member that came first is further up.
    if (other !== undefined && other !== this) other.#guessOwner(homes.slice(at + 1));
  }
}

/** An object with all that it inherits from, itself first. */
function chainFrom(start: unknown): object[] {
  const chain: object[] = [];
  for (let one = start; isObject(one); one = Object.getPrototypeOf(one)) chain.push(one);
  return chain;
}

/** The metadata object of a class, as compilers and runtimes place it. */
function metadataOf(owner: Class): unknown {
  const symbol = (Symbol as { readonly metadata?: symbol }).metadata ?? Symbol.for('Symbol.metadata');
  return Object.getOwnPropertyDescriptor(owner, symbol)?.value;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
