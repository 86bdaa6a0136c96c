/** What a filter asks of a dimension: one series a value, of all values or of the named ones. */
export type Wanted = '*' | ReadonlySet<string>;
/** By dimension name in lower case. */
export type Filter = ReadonlyMap<string, Wanted>;

const clause = /\s*([A-Za-z][\w]*)\s+eq\s+'((?:[^']|'')*)'\s*(?:(and|or)\b|$)/iy;

/**
 * `A eq '*' and B eq 'x' or B eq 'y'`; a quote in a value is doubled. Undefined for what Azure refuses: other
 * operators, or an `or` between two dimensions.
 */
export function parseFilter(text: string): Filter | undefined {
  const wanted = new Map<string, Set<string>>();
  let joint = '';
  let previous = '';
  clause.lastIndex = 0;
  while (clause.lastIndex < text.length) {
    const match = clause.exec(text);
    if (match === null) return undefined;
    const [, dimension = '', value = '', next = ''] = match;
    const name = dimension.toLowerCase();
    if (joint === 'or' ? name !== previous : wanted.has(name)) return undefined;
    const values = wanted.get(name) ?? new Set();
    values.add(value.replaceAll("''", "'"));
    wanted.set(name, values);
    joint = next.toLowerCase();
    previous = name;
  }
  if (joint !== '') return undefined;
  return new Map(
    [...wanted].map(([name, values]) => [name, values.has('*') ? '*' : values] as const),
  );
}

export function admits(wanted: Wanted, value: string): boolean {
  return wanted === '*' || wanted.has(value);
}
