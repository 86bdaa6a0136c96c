/**
 * Runs a call that must end within `timeoutMs`, or when `outer` aborts. The signal given to `run` aborts in both
 * cases, and the call is not waited for after it: signing in, for one, does not listen to signals. Rejects with a
 * TimeoutError, with an AbortError, or with what `run` throws.
 */
export async function withDeadline<Answer>(
  outer: AbortSignal,
  timeoutMs: number,
  run: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  if (outer.aborted) throw stopped();
  const controller = new AbortController();
  const { signal } = controller;
  const ended = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const abort = (): void => controller.abort(stopped());
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

function stopped(): DOMException {
  return new DOMException('stopped before the answer came', 'AbortError');
}
