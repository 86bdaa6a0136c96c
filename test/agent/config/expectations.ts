export interface Expectation {
  readonly line: number;
  readonly path: string;
  readonly fragment: string;
}

/** The `# expect: <line>:<dotted.key>: <part of the message>` lines that a bad file begins with. */
export function expectations(text: string): readonly Expectation[] {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('# expect: '));
  return lines.slice(0, end).map((line) => {
    const [, number, path, fragment] = /^# expect: (\d+):([^:]*): (.+)$/.exec(line) ?? [];
    if (path === undefined || fragment === undefined) throw new Error(`cannot read ${line}`);
    return { line: Number(number), path, fragment };
  });
}
