/** Lets a file of Jest's specs run by `node:test`, under whatever emitted it: Node loads this one before it. */
import { afterEach, beforeEach, describe, it } from 'node:test';
import { expect } from 'expect';
import { bind } from 'jest-each';
import { ModuleMocker } from 'jest-mock';

const withEach = <Declare extends (...args: never[]) => unknown>(declare: Declare) => {
  const declared = (...args: Parameters<Declare>): void => void declare(...args);
  return Object.assign(declared, { each: bind(declared as never) });
};

const mocker = new ModuleMocker(globalThis);

Object.assign(globalThis, {
  describe: withEach(describe),
  it: withEach(it),
  beforeEach,
  afterEach,
  expect,
  jest: { spyOn: mocker.spyOn.bind(mocker), fn: mocker.fn.bind(mocker) },
});
