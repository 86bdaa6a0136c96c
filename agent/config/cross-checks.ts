import { isLoopback, parseListen } from './addresses.ts';
import { valueAt } from './document.ts';
import type { Path, Tree } from './document.ts';
import { suggestion } from './nearest.ts';
import { dottedPath } from './problems.ts';
import { isSecretText, SecretError } from './secrets.ts';

export interface CrossProblem {
  readonly path: Path;
  readonly message: string;
}

/**
 * What no section can see alone. It reads the tree and not the parsed configuration, so that a mistake elsewhere hides
 * nothing; what is not what it should be is left to the sections to report.
 */
export function crossProblems(tree: Tree): readonly CrossProblem[] {
  return [...repeatedNames(tree), ...unknownNotifiers(tree), ...openListener(tree)];
}

const named: readonly Path[] = [
  ['sources'],
  ['budgets'],
  ['rules'],
  ['notifiers'],
  ['auth', 'tokens'],
];

function repeatedNames(tree: Tree): readonly CrossProblem[] {
  return named.flatMap((list) => {
    const seen = new Map<string, Path>();
    return itemsAt(tree, list).flatMap((item, index) => {
      const name = textAt(item, ['name']);
      const path = [...list, index, 'name'];
      const first = name === undefined ? undefined : seen.get(name);
      if (name !== undefined && first === undefined) seen.set(name, path);
      if (first === undefined) return [];
      return [
        { path, message: `the name of ${dottedPath(first.slice(0, -1))} too; choose another` },
      ];
    });
  });
}

function unknownNotifiers(tree: Tree): readonly CrossProblem[] {
  const known = itemsAt(tree, ['notifiers']).flatMap((item) => textAt(item, ['name']) ?? []);
  return ['budgets', 'rules'].flatMap((section) =>
    itemsAt(tree, [section]).flatMap((item, index) =>
      itemsAt(item, ['notify']).flatMap((entry, position) => {
        const name = textAt(entry, []);
        if (name === undefined || known.includes(name)) return [];
        const fix =
          known.length === 0
            ? 'none is configured; add it under notifiers'
            : suggestion(name, known, 'notifiers are');
        const path = [section, index, 'notify', position];
        return [{ path, message: `no notifier of this name; ${fix}` }];
      }),
    ),
  );
}

/** Whoever reaches the port reads what models cost, so it is closed unless somebody opened it knowingly. */
function openListener(tree: Tree): readonly CrossProblem[] {
  const listen = parseListen(textAt(tree, ['listen']) ?? '');
  if (listen === undefined || isLoopback(listen.host)) return [];
  const path = ['listen'];
  const problems: CrossProblem[] = [];
  const isNamed = valueAt(tree, ['auth', 'proxy']) !== undefined;
  if (itemsAt(tree, ['auth', 'tokens']).length === 0 && !isNamed) {
    const message =
      'reached from other machines, so it needs auth: add auth.tokens or auth.proxy, or listen on 127.0.0.1';
    problems.push({ path, message });
  }
  if (valueAt(tree, ['tls']) === undefined && textAt(tree, ['insecure_http']) !== 'true') {
    const message =
      'tokens would travel readable: set tls: { cert, key }, or insecure_http: true behind a proxy that has TLS';
    problems.push({ path, message });
  }
  return problems;
}

function itemsAt(tree: unknown, path: Path): readonly unknown[] {
  const found = valueAt(tree, path);
  return Array.isArray(found) ? found : [];
}

function textAt(tree: unknown, path: Path): string | undefined {
  const found = valueAt(tree, path);
  if (!isSecretText(found)) return undefined;
  try {
    return found.reveal();
  } catch (error) {
    if (error instanceof SecretError) return undefined;
    throw error;
  }
}
