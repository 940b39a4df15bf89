import { join } from 'node:path';
import ts from 'typescript';
import { root } from './process';

/** What the doc comment of one option says. */
export interface OptionComment {
  readonly name: string;
  readonly sentences: string;
  /** Of its `@defaultValue`, without the code marks around it. */
  readonly defaultValue: string | undefined;
}

/** Reads the doc comments of option interfaces, inherited options included. */
export class OptionComments {
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;

  /** @param files - Where the interfaces are declared, from the repository's folder. */
  constructor(files: readonly string[]) {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: unknown };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    this.#program = ts.createProgram(files.map((file) => join(root, file)), options);
    this.#checker = this.#program.getTypeChecker();
  }

  /** The options of an interface, its own first. */
  of(file: string, interfaceName: string): OptionComment[] {
    const declared = this.#program.getSourceFile(join(root, file))?.statements.find(
      (statement): statement is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(statement) && statement.name.text === interfaceName,
    );
    if (declared === undefined) throw new Error(`${file} declares no interface ${interfaceName}`);
    return this.#checker.getTypeAtLocation(declared).getProperties().map((property) => this.#commentOf(property));
  }

  #commentOf(property: ts.Symbol): OptionComment {
    const tags = property.getJsDocTags(this.#checker);
    const defaultValue = ts.displayPartsToString(tags.find(({ name }) => name === 'defaultValue')?.text).trim();
    const own = this.#sentencesOf(property);
    return {
      name: property.name,
      // An option that its type explains needs no comment of its own.
      sentences: own === '' ? this.#sentencesOfType(property) : own,
      defaultValue: defaultValue === '' ? undefined : defaultValue,
    };
  }

  #sentencesOf(symbol: ts.Symbol): string {
    return ts.displayPartsToString(symbol.getDocumentationComment(this.#checker)).replaceAll(/\s+/g, ' ').trim();
  }

  #sentencesOfType(property: ts.Symbol): string {
    const declaration = property.valueDeclaration;
    if (declaration === undefined || !ts.isPropertySignature(declaration) || declaration.type === undefined) return '';
    const types: readonly ts.TypeNode[] = ts.isUnionTypeNode(declaration.type) ? declaration.type.types : [declaration.type];
    const named = types.find((type) => ts.isTypeReferenceNode(type));
    const symbol = named && this.#checker.getSymbolAtLocation(named.typeName);
    if (symbol === undefined) return '';
    return this.#sentencesOf(symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol);
  }
}
