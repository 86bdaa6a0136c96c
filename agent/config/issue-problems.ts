import type { z } from 'zod';
import { valueAt } from './document.ts';
import type { ReadDocument } from './document.ts';
import { dottedPath } from './problems.ts';
import type { Problem } from './problems.ts';

/**
 * An issue about unknown keys becomes a problem for each, at the key; every other stands at the value. An unknown key that
 * has no value may be a value that lost its key, so it is not shown.
 */
export function issueProblems(
  issue: z.core.$ZodIssue,
  file: string,
  document: ReadDocument,
): readonly Problem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code !== 'unrecognized_keys') {
    const place = document.placeOf(path, 'value');
    return [{ file, path: dottedPath(path), ...place, message: issue.message }];
  }
  const messages = issue.message.split('\n');
  return issue.keys.map((key, index) => {
    const at = [...path, key];
    const shown = valueAt(document.tree, at) === null ? [...path, '***'] : at;
    const message = messages[index] ?? 'unknown key';
    return { file, path: dottedPath(shown), ...document.placeOf(at, 'key'), message };
  });
}
