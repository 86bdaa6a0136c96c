import { morph } from './morph.ts';

const everyMs = 10_000;
const patienceMs = 15_000;
/** What of the page may change by itself. */
const parts = ['header.top .as-of', 'header.top nav', '.controls', 'main'];

/** Asks for the same page again and again and puts what changed in its place; says so where nobody answers. */
export function keepLive(changed: () => void): void {
  let failedSince: Date | undefined;
  let timer: number | undefined;
  let asking = false;

  async function refresh(): Promise<void> {
    if (asking) return;
    asking = true;
    clearTimeout(timer);
    try {
      const page = await fetchPage();
      failedSince = undefined;
      if (page !== undefined && !isBusy()) {
        for (const part of parts) replace(part, page);
        changed();
      }
    } catch {
      failedSince ??= new Date();
    } finally {
      asking = false;
      sayConnection(failedSince);
      if (!document.hidden) timer = setTimeout(() => void refresh(), everyMs);
    }
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) clearTimeout(timer);
    else void refresh();
  });
  timer = setTimeout(() => void refresh(), everyMs);
}

/** Undefined where the session is over, and the login is on its way. Throws where the agent does not answer, or cannot. */
async function fetchPage(): Promise<Document | undefined> {
  const response = await fetch(location.href, {
    headers: { Accept: 'text/html' },
    cache: 'no-store',
    signal: AbortSignal.timeout(patienceMs),
  });
  if (response.status === 401 || response.redirected) {
    location.reload();
    return undefined;
  }
  if (!response.ok) throw new Error(`the agent answered ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), 'text/html');
}

function replace(part: string, page: Document): void {
  const before = document.querySelector(part);
  const after = page.querySelector(part);
  if (before !== null && after !== null) morph(before, after);
  else if (before === null && after !== null) insertBeforeMain(after);
  else before?.remove();
}

function insertBeforeMain(element: Element): void {
  document.querySelector('main')?.before(document.importNode(element, true));
}

/** Somebody is selecting text, or pressing: what is under the pointer stays there. */
function isBusy(): boolean {
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed && selection.toString() !== '';
}

function sayConnection(failedSince: Date | undefined): void {
  const line = document.querySelector('[data-connection]');
  if (line === null) return;
  const asOf = document.querySelector<HTMLElement>('[data-as-of]')?.dataset['asOf'] ?? '';
  const text =
    failedSince === undefined
      ? ''
      : `The agent has not been reachable since ${clockTime(failedSince.toISOString())} UTC; ` +
        `figures are as of ${clockTime(asOf)} UTC. Trying again every ${everyMs / 1_000} s.`;
  // Said once, not at every try.
  if (line.textContent !== text) line.textContent = text;
  document.body.classList.toggle('stale', failedSince !== undefined);
}

function clockTime(iso: string): string {
  return iso.slice(11, 16);
}
