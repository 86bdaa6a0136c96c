/** One family of Prometheus' text format, as a reader understands it. */
export interface ParsedFamily {
  readonly help: string;
  readonly type: string;
  /** Text of the value by the labels, which are sorted and stand as JSON. */
  readonly samples: ReadonlyMap<string, string>;
}

/**
 * Reads the text format as its description says, by itself: nothing of it is taken from what writes it. Throws where a line is
 * none, where two samples are the same, and where a sample stands outside its family.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parseExposition(text: string): ReadonlyMap<string, ParsedFamily> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, { help: string; type: string; samples: Map<string, string> }>();
  let open = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/su.exec(line) ?? [];
    if (kind === 'HELP') {
      if (families.has(name)) throw new Error(`${name} comes twice`);
      families.set(name, { help: unescape(rest, false), type: '', samples: new Map() });
      open = name;
    } else if (kind === 'TYPE') {
      const family = families.get(name);
      if (family === undefined || name !== open) throw new Error(`${name} has no HELP before it`);
      family.type = rest;
    } else {
      const sample = parseSample(line);
      const family = families.get(sample.name);
      if (family === undefined || sample.name !== open) throw new Error(`stray sample: ${line}`);
      const key = labelsKey(sample.labels);
      if (family.samples.has(key)) throw new Error(`twice: ${line}`);
      family.samples.set(key, sample.value);
    }
  }
  return families;
}

export function labelsKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function parseSample(line: string) {
  const [whole, name] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)/.exec(line) ?? [];
  if (whole === undefined || name === undefined) throw new Error(`no sample: ${line}`);
  let at = whole.length;
  const labels: Record<string, string> = {};
  if (line[at] === '{') {
    at += 1;
    while (line[at] !== '}') {
      const rest = line.slice(at);
      const [pair, label, value] =
        /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/su.exec(rest) ?? [];
      if (pair === undefined || label === undefined || value === undefined) {
        throw new Error(`no label: ${rest}`);
      }
      if (Object.hasOwn(labels, label)) throw new Error(`label ${label} twice: ${line}`);
      Object.defineProperty(labels, label, { value: unescape(value, true), enumerable: true });
      at += pair.length;
      if (line[at] === ',') at += 1;
    }
    at += 1;
  }
  const [, value] = /^ (\S+)$/.exec(line.slice(at)) ?? [];
  if (value === undefined) throw new Error(`no value: ${line}`);
  return { name, labels, value };
}

function unescape(text: string, quotes: boolean): string {
  return text.replace(/\\(.)/gsu, (pair, char: string) => {
    if (char === 'n') return '\n';
    if (char === '\\' || (quotes && char === '"')) return char;
    throw new Error(`no escape: ${pair}`);
  });
}
