import { createInterface } from 'node:readline/promises';

/**
 * The answer of whoever sits at the terminal; empty where the signal ends it. Not through a raw terminal, which would keep
 * Ctrl-C to itself. Ctrl-D is no answer.
 */
export async function ask(question: string, signal: AbortSignal): Promise<string> {
  const questions = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: false,
  });
  const ended = new Promise<string>((resolve) => void questions.once('close', () => resolve('')));
  try {
    return await Promise.race([questions.question(question, { signal }).catch(() => ''), ended]);
  } finally {
    questions.close();
  }
}
