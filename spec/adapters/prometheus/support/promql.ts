import { parser } from '@prometheus-io/lezer-promql';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** What a query asks of one metric. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
  /** The labels that the aggregations and matchings around it go by. */
  readonly groupedBy: readonly string[];
  /** The functions around it, the innermost first. */
  readonly functions: readonly string[];
}

/** The selectors of a query. @throws when it is no PromQL */
export function selectorsOf(query: string): Selector[] {
  const textOf = ({ from, to }: SyntaxNode): string => query.slice(from, to);
  const selectors: Selector[] = [];
  parser.parse(query).iterate({
    enter({ type, node }) {
      if (type.isError) throw new Error(`no PromQL at ${node.from} of ${query}`);
      if (type.name !== 'VectorSelector') return;
      const matchers = descendants(node, 'UnquotedLabelMatcher').map((matcher) => {
        const [label = '', operator = '', value = ''] = children(matcher).map(textOf);
        return { label, operator, value: JSON.parse(value) as string };
      });
      const [metric = ''] = descendants(node, 'Identifier').map(textOf);
      selectors.push({ metric, matchers, groupedBy: around(node).flatMap(groupingOf).map(textOf), functions: around(node).flatMap(functionOf).map(textOf) });
    },
  });
  return selectors;
}

/** The labels by which a node groups what is inside it. */
function groupingOf(node: SyntaxNode): SyntaxNode[] {
  const modifier = node.name === 'AggregateExpr' ? 'AggregateModifier' : 'MatchingModifierClause';
  return children(node).filter(({ name }) => name === modifier).flatMap((one) => descendants(one, 'LabelName'));
}

function functionOf(node: SyntaxNode): SyntaxNode[] {
  return node.name === 'FunctionCall' ? children(node).filter(({ name }) => name === 'FunctionIdentifier') : [];
}

function around(node: SyntaxNode): SyntaxNode[] {
  return node.parent === null ? [] : [node.parent, ...around(node.parent)];
}

function children(node: SyntaxNode): SyntaxNode[] {
  const all: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) all.push(child);
  return all;
}

function descendants(node: SyntaxNode, name: string): SyntaxNode[] {
  return children(node).flatMap((child) => (child.name === name ? [child] : descendants(child, name)));
}
