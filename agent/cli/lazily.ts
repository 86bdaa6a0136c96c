/**
 * What is made when it is first asked for, and then once for all: its code is loaded no sooner. Where that fails, who asked
 * is told, and who asks next has it tried again.
 */
export function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
