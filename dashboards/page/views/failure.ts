import type { SourceRow } from '../reader.ts';

/** What was attempted and what the other side said, which often begins with it. */
export function failureOf({ operation, message }: SourceRow): string {
  const said = message ?? '';
  return operation === null || said.startsWith(operation) ? said : `${operation} ${said}`.trim();
}
