/** One thing wrong with a configuration file, with its fix. Its message never carries a value of the file. */
export interface Problem {
  readonly file: string;
  /** One-based; absent where the file itself is the problem. */
  readonly line?: number;
  /** One-based, in UTF-16 units. */
  readonly column?: number;
  /** `sources[0].regions`; empty where no key is meant. */
  readonly path: string;
  readonly message: string;
}

/** Every problem of a configuration file at once, one a line of the message, in the order of the file. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const ordered = inFileOrder(problems);
    super(ordered.map(problemText).join('\n'));
    this.name = 'ConfigError';
    this.problems = ordered;
  }
}

/** `crossbill.yaml:12:5 sources[0].regoins: unknown key; did you mean "regions"?` */
export function problemText(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined);
  const path = problem.path === '' ? '' : ` ${problem.path}`;
  return `${place.join(':')}${path}: ${problem.message}`;
}

/**
 * `['sources', 0, 'regions']` is `sources[0].regions`. A key that is no plain word is left out as `***`: where a colon or a
 * blank after it was forgotten, `token:hunter2` is a key, and line and column find it as well.
 */
export function dottedPath(path: readonly PropertyKey[]): string {
  return path
    .map((step, depth) => {
      if (typeof step === 'number') return `[${step}]`;
      const key = /^[\w./-]{1,64}$/.test(String(step)) ? String(step) : '***';
      return depth === 0 ? key : `.${key}`;
    })
    .join('');
}

function inFileOrder(problems: readonly Problem[]): readonly Problem[] {
  const once = new Map(problems.map((problem) => [problemText(problem), problem]));
  return [...once.values()].toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}
