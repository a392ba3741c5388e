// Puts a counter on every edge of a module's control flow: function bodies, branches (also those not written), loop bodies, cases, arms of
// conditional expressions, right sides of && || ??, handlers, defaults of parameters.
//
// Invariant: the text keeps its lines, and what runs is what ran before: a counter is an expression of its own in front of what it counts, or stands
// before it in a comma expression. Positions in stack traces keep their lines; columns move.
// A module's counters are a view on the process's arena (counters.ts), fetched in the module's first line. They saturate instead of wrapping to zero, so that a
// loop of 256 rounds is not taken for one that never ran.
// Source of the edges: ESTree as acorn parses it, of TypeScript whose types are stripped.

import { parse, type Node } from 'acorn';

export const edgeKinds = ['function', 'then', 'else', 'loop', 'case', 'arm', 'right', 'handler', 'default'] as const;
export type EdgeKind = (typeof edgeKinds)[number];

export interface Edge {
  readonly kind: EdgeKind;
  readonly line: number;
  /** The function it lies in, by the nearest name there is; empty at the top. */
  readonly within: string;
}

export interface Instrumented {
  readonly code: string;
  readonly edges: readonly Edge[];
}

/** Name of the counters in an instrumented module; nothing in ours begins so. */
const counters = '$assayEdges';

interface Insertion {
  readonly at: number;
  readonly text: string;
  /** Of two at one place, the outer one comes first at its start and last at its end. */
  readonly order: number;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
const childOf = (node: Node, key: string): Node | undefined => {
  const value: unknown = Reflect.get(node, key);
  return isNode(value) ? value : undefined;
};
const listOf = (node: Node, key: string): readonly Node[] => {
  const value: unknown = Reflect.get(node, key);
  return Array.isArray(value) ? value.filter(isNode) : [];
};

class Instrumentor {
  readonly edges: Edge[] = [];
  readonly insertions: Insertion[] = [];
  private readonly lineStarts: number[] = [0];
  private within = '';
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
    for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) this.lineStarts.push(at + 1);
  }

  private lineOf(at: number): number {
    let low = 0;
    let high = this.lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  private edge(kind: EdgeKind, at: number): string {
    this.edges.push({ kind, line: this.lineOf(at), within: this.within });
    return `${counters}[${this.edges.length - 1}]++`;
  }

  private insert(at: number, text: string): void {
    this.insertions.push({ at, text, order: this.insertions.length });
  }

  /** A statement, which becomes a block unless it is one. */
  private statement(kind: EdgeKind, node: Node): void {
    const counter = this.edge(kind, node.start);
    if (node.type === 'BlockStatement') {
      this.insert(node.start + 1, `${counter};`);
      this.visit(node);
      return;
    }
    this.insert(node.start, `{${counter};`);
    this.visit(node);
    this.insert(node.end, '}');
  }

  private expression(kind: EdgeKind, node: Node): void {
    this.insert(node.start, `(${this.edge(kind, node.start)},`);
    this.visit(node);
    this.insert(node.end, ')');
  }

  private inside(name: string, work: () => void): void {
    const outer = this.within;
    this.within = name;
    work();
    this.within = outer;
  }

  private functionNode(node: Node, name: string): void {
    this.inside(name === '' ? this.within : name, () => {
      for (const parameter of listOf(node, 'params')) this.visit(parameter);
      const body = childOf(node, 'body');
      if (body === undefined) return;
      if (body.type !== 'BlockStatement') {
        // `() => ({})`: the parentheses lie outside the body, and stay around what is inserted.
        this.expression('function', body);
        return;
      }
      this.statement('function', body);
    });
  }

  visit(node: Node): void {
    switch (node.type) {
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        this.functionNode(node, nameOf(childOf(node, 'id')));
        return;
      case 'MethodDefinition': {
        const key = childOf(node, 'key');
        const value = childOf(node, 'value');
        if (value !== undefined) this.functionNode(value, nameOf(key));
        return;
      }
      case 'VariableDeclarator':
      case 'Property':
      case 'PropertyDefinition': {
        const value = childOf(node, node.type === 'VariableDeclarator' ? 'init' : 'value');
        const name = nameOf(childOf(node, node.type === 'VariableDeclarator' ? 'id' : 'key'));
        if (value?.type === 'ArrowFunctionExpression' || value?.type === 'FunctionExpression') this.functionNode(value, name);
        else this.children(node);
        return;
      }
      case 'IfStatement': {
        const test = childOf(node, 'test');
        const consequent = childOf(node, 'consequent');
        const alternate = childOf(node, 'alternate');
        if (test !== undefined) this.visit(test);
        if (consequent !== undefined) this.statement('then', consequent);
        if (alternate !== undefined) this.statement('else', alternate);
        else this.insert(node.end, `else{${this.edge('else', node.end - 1)};}`);
        return;
      }
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
        for (const key of ['init', 'left', 'right', 'test', 'update']) {
          const part = childOf(node, key);
          if (part !== undefined) this.visit(part);
        }
        this.loopBody(node);
        return;
      case 'SwitchCase': {
        const test = childOf(node, 'test');
        if (test !== undefined) this.visit(test);
        const body = listOf(node, 'consequent');
        // Behind the colon: an empty case falls through, and is an edge all the same.
        this.insert(this.afterColon(test === undefined ? node.start + 'default'.length : test.end), `${this.edge('case', node.start)};`);
        for (const part of body) this.visit(part);
        return;
      }
      case 'ConditionalExpression':
        this.visitChild(node, 'test');
        for (const key of ['consequent', 'alternate']) {
          const arm = childOf(node, key);
          if (arm !== undefined) this.expression('arm', arm);
        }
        return;
      case 'LogicalExpression': {
        this.visitChild(node, 'left');
        const right = childOf(node, 'right');
        if (right !== undefined) this.expression('right', right);
        return;
      }
      case 'CatchClause': {
        this.visitChild(node, 'param');
        const body = childOf(node, 'body');
        if (body !== undefined) this.statement('handler', body);
        return;
      }
      case 'AssignmentPattern': {
        this.visitChild(node, 'left');
        const right = childOf(node, 'right');
        if (right !== undefined) this.expression('default', right);
        return;
      }
      default:
        this.children(node);
    }
  }

  private loopBody(node: Node): void {
    const body = childOf(node, 'body');
    if (body !== undefined) this.statement('loop', body);
  }

  private visitChild(node: Node, key: string): void {
    const child = childOf(node, key);
    if (child !== undefined) this.visit(child);
  }

  private children(node: Node): void {
    for (const key of Object.keys(node)) {
      const value: unknown = Reflect.get(node, key);
      if (isNode(value)) this.visit(value);
      else if (Array.isArray(value)) for (const part of value) if (isNode(part)) this.visit(part);
    }
  }

  /** Behind the colon that follows a place, comments aside. */
  private afterColon(from: number): number {
    const rest = /^(?:[^:/]|\/\*[^]*?\*\/|\/\/[^\n]*\n)*:/.exec(this.source.slice(from, from + 2000));
    if (rest === null) throw new Error(`line ${this.lineOf(from)}: a case without a colon`);
    return from + rest[0].length;
  }

  /** The source with everything inserted. */
  text(head: string): string {
    const sorted = this.insertions.toSorted((a, b) => a.at - b.at || a.order - b.order);
    const parts = [head];
    let at = 0;
    for (const insertion of sorted) {
      parts.push(this.source.slice(at, insertion.at), insertion.text);
      at = insertion.at;
    }
    parts.push(this.source.slice(at));
    return parts.join('');
  }
}

function nameOf(node: Node | undefined): string {
  if (node === undefined) return '';
  const name: unknown = Reflect.get(node, 'name');
  return typeof name === 'string' ? name : '';
}

/** The global function by which an instrumented module fetches its counters. */
export const fetchCounters = 'assayEdgeCounters';

/** Instruments the JavaScript of an ECMAScript module. `name` is what it will ask for its counters by. */
export function instrument(source: string, name: string): Instrumented {
  const tree = parse(source, { ecmaVersion: 'latest', sourceType: 'module' });
  const instrumentor = new Instrumentor(source);
  instrumentor.visit(tree);
  const { edges } = instrumentor;
  if (edges.length === 0) return { code: source, edges };
  return { code: instrumentor.text(`const ${counters}=globalThis.${fetchCounters}(${JSON.stringify(name)},${edges.length});`), edges };
}
