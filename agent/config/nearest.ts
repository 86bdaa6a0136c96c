import { distance } from 'fastest-levenshtein';

/**
 * The known word that a person most likely meant, or undefined where none is near enough to be worth saying. Case and
 * `-`, `_`, `.` and spaces do not count as differences: `publicUrl` is `public_url`.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const typed = fold(word);
  let best: { readonly candidate: string; readonly edits: number } | undefined;
  for (const candidate of known) {
    const target = fold(candidate);
    const edits = distance(typed, target);
    if (edits > toleratedEdits(Math.max(typed.length, target.length))) continue;
    if (best === undefined || edits < best.edits) best = { candidate, edits };
  }
  return best?.candidate;
}

/** `did you mean "regions"?`, or the words to choose from. */
export function suggestion(word: string, known: readonly string[], label = 'known here'): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? 'nothing is known here' : `${label}: ${known.join(', ')}`;
}

/** Two swapped letters are two edits, which a word of three letters does not survive. */
function toleratedEdits(length: number): number {
  if (length <= 3) return 1;
  return Math.max(2, Math.floor(length / 3));
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_. ]/g, '');
}
