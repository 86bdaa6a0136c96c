const marked = /^nano:-?\d+$/;

/** Data as JSON, its bigints as marked strings. */
export function dataText(data: unknown): string {
  return JSON.stringify(data, (_name, value: unknown) =>
    typeof value === 'bigint' ? `nano:${value}` : value,
  );
}

/** What `dataText` wrote. */
export function dataFrom(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown) =>
    typeof value === 'string' && marked.test(value) ? BigInt(value.slice(5)) : value,
  );
}
