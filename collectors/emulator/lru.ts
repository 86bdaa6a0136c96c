/** Computes a value a key once and keeps the `limit` keys used last. */
export function keepRecent<V>(limit: number, compute: (key: number) => V): (key: number) => V {
  const kept = new Map<number, V>();
  let newest: { readonly key: number; readonly value: V } | undefined;
  return (key) => {
    if (newest?.key === key) return newest.value;
    const known = kept.get(key);
    if (known !== undefined) {
      kept.delete(key);
      kept.set(key, known);
      newest = { key, value: known };
      return known;
    }
    const value = compute(key);
    kept.set(key, value);
    newest = { key, value };
    for (const oldest of kept.keys()) {
      if (kept.size <= limit) break;
      kept.delete(oldest);
    }
    return value;
  };
}
