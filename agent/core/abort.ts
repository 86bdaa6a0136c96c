/**
 * Aborts the controller when the signal does, for the same reason. Returns what ends that: until it is called the signal
 * holds on to the controller.
 *
 * Not `AbortSignal.any`: a signal that lives as long as the process keeps a word about every one that was made of it, and
 * a poll makes some. https://github.com/nodejs/node/issues/54614
 */
export function abortWith(signal: AbortSignal, controller: AbortController): () => void {
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}
