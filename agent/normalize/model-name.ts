/** One spelling for one model: the name part of a canonical id, and the dated version taken out of it. */
export interface ModelName {
  /** `gpt-4o`, `llama-3.1-70b-instruct`; `:ft` at its end marks a customised copy. */
  readonly name: string;
  /** `2024-08-06`, `20250929`, `0613`; empty where the name carries none. */
  readonly version: string;
}

/** What may stand in a canonical id's name; other characters become hyphens. */
function slugOf(raw: string): string {
  return raw
    .toLowerCase()
    .replace(/[^a-z0-9.:-]+/g, '-')
    .replace(/^[.:-]+|[.:-]+$/g, '');
}

const monthDay = '(?:0[1-9]|1[0-2])(?:[0-2]\\d|3[01])';
/** Developers whose four-digit endings are a month and a day. Mistral's `2411` names a model of its own and stays. */
const monthDayVersions: ReadonlyMap<string, RegExp> = new Map([
  ['openai', new RegExp(`^(.+)-(${monthDay}(?:-preview)?)$`)],
  ['deepseek', new RegExp(`^(.+)-(${monthDay})$`)],
]);

/** A release stamp and what Bedrock puts behind it: `-20241022-v2`, `-2024-08-06`. */
const dated = /^(.+)-(20\d{6}|20\d\d-\d\d-\d\d)(?:-v\d+)?$/;

function takeVersion(developer: string, name: string): ModelName {
  const match = dated.exec(name) ?? monthDayVersions.get(developer)?.exec(name);
  const [, base, version] = match ?? [];
  if (base === undefined || version === undefined) return { name, version: '' };
  return { name: base, version };
}

const rewrites: ReadonlyMap<string, (name: string) => string> = new Map([
  [
    'ai21',
    (name) => name.replace(/^ai21-(?=jamba)/, '').replace(/^jamba-(\d)-(\d)(?=-)/, 'jamba-$1.$2'),
  ],
  ['openai', (name) => name.replace(/^gpt-35(?=-|$)/, 'gpt-3.5')],
  ['cohere', (name) => name.replace(/^cohere-(?=command-|embed-|rerank-)/, '')],
  ['deepseek', (name) => (name.startsWith('deepseek') ? name : `deepseek-${name}`)],
  [
    'meta',
    (name) =>
      name
        .replace(/^meta-(?=llama)/, '')
        .replace(/^llama(\d)-(\d)(?=-)/, 'llama-$1.$2')
        .replace(/^llama(?=\d)/, 'llama-'),
  ],
]);

/** One pass of the rules over a name without a tuning mark. */
function tidy(developer: string, raw: string): ModelName {
  const rewrite = rewrites.get(developer);
  const slug = slugOf(raw);
  const spelt = rewrite === undefined ? slug : rewrite(slug);
  // `-v1` is every Bedrock model's first revision; `-v2` and up name a model of its own, unless a date went before.
  return takeVersion(developer, spelt.replace(/(.)-(?:latest|v1)$/, '$1'));
}

/** A customised copy: Azure's `.ft-<job>`, or our own mark. */
const tuned = /\.ft-|:ft$/;

/** Applies the rules until none changes anything, so that a canonical name stays as it is. Never throws. */
export function canonicalName(developer: string, raw: string): ModelName {
  let name = slugOf(raw);
  let version = '';
  let copy = false;
  for (;;) {
    const cut = name.search(tuned);
    if (cut > 0) {
      copy = true;
      name = slugOf(name.slice(0, cut));
    }
    const next = tidy(developer, name);
    if (version === '') version = next.version;
    if (next.name === name) return { name: copy ? `${name}:ft` : name, version };
    name = next.name;
  }
}
