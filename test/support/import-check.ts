import { posix } from 'node:path';

import { type FolderRule, folderRules, type PackageHome, packageHomes } from './import-rules.ts';

/** How an import binds: at load, for types only, or when `import()` runs. */
type Form = 'load' | 'types' | 'lazy';

export interface Import {
  readonly form: Form;
  /** A path from the root for a relative import, the specifier itself for a package. */
  readonly target: string;
}

// The formatter keeps specifiers in single quotes and statements at the start of a line.
const clause = String.raw`(?:[\w$]+\s*,?\s*)?(?:\{[^}]*\}|\*(?:\s+as\s+[\w$]+)?)?\s*from\s+`;
const statement = new RegExp(
  String.raw`^[ \t]*(?:import|export)\s+(type\s+(?!from\b))?(?:${clause})?'([^']+)'`,
  'gm',
);
// Not in a comment, and not a method that happens to be called import.
const call = /(?<!^[ \t]*(?:\/\/|\/?\*).*)(?<![.\w$])(?:import|require)\(\s*(?:'([^']+)')?/gm;

/** Every import in the text of `file`, a path from the root. An `import()` of anything but a literal has target `?`. */
export function importsOf(file: string, text: string): readonly Import[] {
  const resolve = (specifier: string) =>
    specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier;
  const statements = [...text.matchAll(statement)].map(([, type, specifier]): Import => {
    return { form: type ? 'types' : 'load', target: resolve(specifier ?? '?') };
  });
  const calls = [...text.matchAll(call)].map(([, specifier]): Import => {
    return { form: 'lazy', target: resolve(specifier ?? '?') };
  });
  return [...statements, ...calls];
}

/** One sentence for each import of `file` that the rules forbid. */
export function violationsOf(file: string, text: string): readonly string[] {
  const rule = ruleOf(file);
  if (!rule) return [`${file}: no rule covers this file`];
  const { may, mayForTypes = [], mayLazily = [] } = rule;
  return importsOf(file, text).flatMap(({ form, target }) => {
    if (target === '?') return [`${file}: imports a name that only running it would tell`];
    if (!isPath(target)) return packageViolation(file, target);
    if (matchesAny(may, target)) return [];
    if (matchesAny(mayForTypes, target)) {
      return form === 'types' ? [] : [`${file}: may import ${target} for types only`];
    }
    if (matchesAny(mayLazily, target)) {
      return form === 'load' ? [`${file}: may import ${target} lazily only`] : [];
    }
    return [`${file}: may not import ${target}`];
  });
}

function packageViolation(file: string, name: string): readonly string[] {
  const home = homeOf(name);
  if (!home) return [`${file}: package ${name} has no home`];
  const atHome = matchesAny(home.homes, file) && !matches('agent/core/*', file);
  return atHome ? [] : [`${file}: package ${name} does not live here`];
}

export function ruleOf(file: string): FolderRule | undefined {
  return folderRules.find(({ from }) => matches(from, file));
}

export function homeOf(name: string): PackageHome | undefined {
  return packageHomes.find((row) => matches(row.package, name));
}

/** The first cycle among the files, as the path that walks it, or none. */
export function cycleIn(files: ReadonlyMap<string, string>): readonly string[] | undefined {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { target } of importsOf(file, files.get(file) ?? '')) {
      const cycle = files.has(target) ? walk(target, [...path, file]) : undefined;
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of files.keys()) {
    const cycle = walk(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

/** Packages never end in a source file's suffix, and relative imports always do. */
function isPath(target: string): boolean {
  return /\.tsx?$/.test(target);
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matches(pattern, name));
}
