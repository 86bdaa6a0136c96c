/** Texts in which no value of these headers is left: `***` stands in its place. */
export function redactHeaders(text: string, headers: Readonly<Record<string, string>>): string {
  return Object.values(headers)
    .flatMap(secretParts)
    .toSorted((a, b) => b.length - a.length)
    .reduce((left, part) => left.replaceAll(part, '***'), text);
}

/** The value, the credential behind its scheme (`Bearer …`), and both as they stand inside JSON. */
function secretParts(value: string): string[] {
  const whole = value.trim();
  const credential = whole.slice(whole.search(/\s/) + 1).trim();
  return [whole, credential]
    .flatMap((part) => [part, JSON.stringify(part).slice(1, -1)])
    .filter((part) => part !== '');
}
