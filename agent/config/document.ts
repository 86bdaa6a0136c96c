import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node, YAMLMap } from 'yaml';
import { dottedPath } from './problems.ts';
import type { Problem } from './problems.ts';
import { isSecretText, secretText } from './secrets.ts';
import type { ReferenceScope, SecretText } from './secrets.ts';
import { faultText } from './yaml-faults.ts';

/**
 * What stands in the file, before any meaning. Every scalar is text as it was typed, so that `011122223333` keeps its zero and
 * `no` stays a word; an empty value is null.
 */
export type Tree = SecretText | null | readonly Tree[] | { readonly [key: string]: Tree };
export type Path = readonly (string | number)[];
/** One-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface ReadDocument {
  /** Undefined where the text is no YAML that could be read further. */
  readonly tree: Tree | undefined;
  readonly problems: readonly Problem[];
  /** Where the value of a path stands, or its key; of a path that is absent, the nearest that holds it. */
  placeOf(path: Path, end: 'key' | 'value'): Place;
}

const mostNodes = 100_000;
const deepest = 32;

/** Reads YAML text; what is wrong with the text itself, a key given twice say, comes back as a list. */
export function readDocument(text: string, file: string, scope: ReferenceScope): ReadDocument {
  const lines = new LineCounter();
  const doc = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults = [...doc.errors, ...doc.warnings].map(({ code, pos }) => ({
    file,
    path: '',
    ...placeAt(pos[0]),
    message: faultText(code),
  }));
  if (faults.length > 0)
    return { tree: undefined, problems: firstOfEachLine(faults), placeOf: atTop };

  const walk: Walk = {
    doc,
    scope,
    problems: [],
    keys: new Map(),
    values: new Map(),
    targets: new Map(),
    nodes: 0,
  };
  const tree = treeOf(doc.contents, [], walk);
  return {
    tree: walk.nodes > mostNodes ? undefined : tree,
    problems: walk.problems.map(({ path, offset, message }) => ({
      file,
      path: dottedPath(path),
      ...placeAt(offset),
      message: message(placeAt),
    })),
    placeOf: (path, end) => placeAt(offsetOf(path, end, walk)),
  };
}

/** What stands at a path; undefined where nothing does. */
export function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>((found, step) => {
    if (typeof found !== 'object' || found === null || isSecretText(found)) return undefined;
    return Object.entries(found).find(([key]) => key === String(step))?.[1];
  }, tree);
}

interface Walk {
  readonly doc: Document;
  readonly scope: ReferenceScope;
  readonly problems: {
    readonly path: Path;
    readonly offset: number;
    readonly message: (placeAt: (offset: number) => Place) => string;
  }[];
  readonly keys: Map<string, number>;
  readonly values: Map<string, number>;
  /** What each alias stands for: finding out reads the whole document. */
  readonly targets: Map<Node, Node>;
  nodes: number;
}

function treeOf(node: Node | null, path: Path, walk: Walk): Tree {
  if (node === null) return null;
  const offset = node.range?.[0] ?? 0;
  if (!walk.values.has(JSON.stringify(path))) walk.values.set(JSON.stringify(path), offset);
  walk.nodes += 1;
  if (walk.nodes > mostNodes || path.length > deepest) {
    if (walk.nodes <= mostNodes + 1) {
      walk.nodes = mostNodes + 1;
      note(walk, path, offset, 'too deep or too large; write out what the aliases repeat');
    }
    return null;
  }
  if (isAlias(node)) {
    const target = walk.targets.get(node) ?? node.resolve(walk.doc);
    if (target === undefined) {
      note(walk, path, offset, 'this alias names no anchor above it; write the value out');
      return null;
    }
    walk.targets.set(node, target);
    return treeOf(target, path, walk);
  }
  if (isSeq<Node | null>(node)) {
    return node.items.map((item, index) => treeOf(item, [...path, index], walk));
  }
  if (isMap<Node, Node | null>(node)) return mappingOf(node, path, walk);
  return isScalar(node) ? scalarOf(node, walk) : null;
}

function mappingOf(node: YAMLMap<Node, Node | null>, path: Path, walk: Walk): Tree {
  const entries = new Map<string, Tree>();
  for (const { key, value } of node.items) {
    const offset = key.range?.[0] ?? 0;
    const name = isScalar(key) ? textOf(key) : null;
    if (name === null) {
      note(walk, path, offset, 'a key must be a word; write `key: value`');
      continue;
    }
    const at = [...path, name];
    const first = entries.has(name) ? walk.keys.get(JSON.stringify(at)) : undefined;
    if (first !== undefined) {
      walk.problems.push({
        path: at,
        offset,
        message: (placeAt) => `given twice; it stands on line ${placeAt(first).line} too: keep one`,
      });
      continue;
    }
    walk.keys.set(JSON.stringify(at), offset);
    entries.set(name, treeOf(value, at, walk));
  }
  return Object.fromEntries(entries);
}

interface ScalarNode {
  readonly value: unknown;
  /** As it was typed. */
  readonly source?: string;
}

function scalarOf(node: ScalarNode, walk: Walk): Tree {
  const text = textOf(node);
  return text === null ? null : secretText(text, walk.scope);
}

function textOf(node: ScalarNode): string | null {
  return typeof node.value === 'string'
    ? node.value
    : node.value === null
      ? null
      : (node.source ?? null);
}

function note(walk: Walk, path: Path, offset: number, message: string): void {
  walk.problems.push({ path, offset, message: () => message });
}

function offsetOf(path: Path, end: 'key' | 'value', walk: Walk): number {
  const here = JSON.stringify(path);
  const [first, second] = end === 'value' ? [walk.values, walk.keys] : [walk.keys, walk.values];
  const found = first.get(here) ?? second.get(here);
  if (found !== undefined) return found;
  return path.length === 0 ? 0 : offsetOf(path.slice(0, -1), 'key', walk);
}

function atTop(): Place {
  return { line: 1, column: 1 };
}

/** A fault in YAML is often followed by what the parser makes of the rest of the line. */
function firstOfEachLine(faults: readonly Problem[]): readonly Problem[] {
  const seen = new Set<number | undefined>();
  return faults.filter(({ line }) => !seen.has(line) && seen.add(line));
}
