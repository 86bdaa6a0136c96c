/** A part of an address shorter than this is a word of its path rather than a credential. */
const leastCharacters = 8;

/** A text in which nothing is left of an address but its origin, and nothing of these secrets. */
export function redact(text: string, url: string, secrets: readonly string[]): string {
  return [...addressParts(url), ...secrets.filter((secret) => secret !== '')]
    .flatMap((part) => [part, JSON.stringify(part).slice(1, -1), encodeURIComponent(part)])
    .toSorted((a, b) => b.length - a.length)
    .reduce((left, part) => left.replaceAll(part, '***'), text);
}

function addressParts(url: string): readonly string[] {
  if (!URL.canParse(url)) return [url].filter((text) => text !== '');
  const { pathname, search, searchParams } = new URL(url);
  const values = [...searchParams.values(), ...pathname.split('/'), pathname.slice(1), search];
  return values.filter((part) => part.length >= leastCharacters);
}

/** `https://hooks.slack.com`: what may be shown of an address. */
export function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'what url says';
}
