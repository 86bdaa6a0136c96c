/**
 * Runs a call that must end within `timeoutMs`, or when `outer` aborts. The signal given to `run` aborts in both
 * cases, and the call is not waited for after it: signing in, for one, does not listen to signals. Rejects with a
 * TimeoutError, with `stopReason` (that of `outer` unless given), or with what `run` throws.
 *
 * A timer of its own, not `AbortSignal.timeout`: behind `AbortSignal.any` nothing holds that signal, and once it is
 * collected as garbage it never fires. https://github.com/nodejs/node/issues/57736
 */
export async function withDeadline<T>(
  outer: AbortSignal,
  timeoutMs: number,
  run: (signal: AbortSignal) => Promise<T>,
  stopReason: () => unknown = () => outer.reason,
): Promise<T> {
  if (outer.aborted) throw stopReason();
  const controller = new AbortController();
  const { signal } = controller;
  const ended = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const abort = (): void => controller.abort(stopReason());
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'));
  }, timeoutMs);
  outer.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([ended, run(signal)]);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', abort);
  }
}
