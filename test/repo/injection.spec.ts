import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { sources, textOf } from './support/tree.js';

/** Of every place in the source where `found` says something: the file, the line, and what it says. */
function places(file: string, text: string, found: (node: ts.Node) => string | undefined): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  const all: string[] = [];
  const look = (node: ts.Node): void => {
    const said = found(node);
    if (said !== undefined) all.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${said}`);
    ts.forEachChild(node, look);
  };
  look(source);
  return all;
}

/** `@Inject(X) x: X`: the type says it already. */
function repeatedToken(node: ts.Node): string | undefined {
  if (!ts.isParameter(node) || node.type === undefined) return undefined;
  const type = node.type.getText();
  const tokens = (ts.getDecorators(node) ?? []).map(({ expression }) => expression).filter(ts.isCallExpression);
  return tokens.some(({ expression, arguments: [token] }) => expression.getText() === 'Inject' && token?.getText() === type)
    ? `@Inject(${type})`
    : undefined;
}

/** `useFactory: (a, b) => new X(a, b)`, also as `new X({ a, b })`: X can be injected itself. */
function handOn(node: ts.Node): string | undefined {
  if (!ts.isPropertyAssignment(node) || node.name.getText() !== 'useFactory') return undefined;
  const factory = node.initializer;
  if (!ts.isArrowFunction(factory) || !ts.isNewExpression(factory.body)) return undefined;
  const injected = new Set(factory.parameters.map(({ name }) => name.getText()));
  const isHandedOn = (given: ts.Expression): boolean =>
    ts.isObjectLiteralExpression(given)
      ? given.properties.every((property) => ts.isShorthandPropertyAssignment(property) && injected.has(property.name.text))
      : injected.has(given.getText());
  return (factory.body.arguments ?? []).every(isHandedOn) ? `new ${factory.body.expression.getText()}` : undefined;
}

const inSources = (found: (node: ts.Node) => string | undefined): string[] =>
  sources().flatMap((file) => (/@Inject\(|useFactory/.test(textOf(file)) ? places(file, textOf(file), found) : []));

describe('what Nest injects', () => {
  it('is named by the type of the parameter, and by a token only where that is no class', () => {
    expect(inSources(repeatedToken)).toEqual([]);
    expect(
      places('x.ts', 'class A { constructor(@Inject(B) private readonly b: B, @Inject(C) c: Pick<C, "d">) {} }', repeatedToken),
    ).toEqual(['x.ts:1 @Inject(B)']);
  });

  it('is handed on by no factory that does nothing else', () => {
    expect(inSources(handOn)).toEqual([]);
    const handed = ['(a: A) => new X(a)', '(a: A, b: B) => new X({ a, b })', '() => new X()'];
    const made = ['({ a }: Config) => new X(a.b)', '(a: A) => new X({ a, ms: 5 })', '(a: A) => a.x()'];
    const text = [...handed, ...made].map((factory) => `y = { useFactory: ${factory} };`).join('\n');
    expect(places('x.ts', text, handOn)).toEqual(['x.ts:1 new X', 'x.ts:2 new X', 'x.ts:3 new X']);
  });
});
