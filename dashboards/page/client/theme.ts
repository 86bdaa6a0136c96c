const names = ['auto', 'light', 'dark'] as const;
type Theme = (typeof names)[number];

/** Shows the button that goes through the themes; the choice is a cookie, so that the next page comes in it. */
export function offerThemes(): void {
  const button = document.querySelector<HTMLButtonElement>('[data-theme-button]');
  if (button === null) return;
  const root = document.documentElement;
  const chosen = (): Theme => names.find((name) => name === root.dataset['theme']) ?? 'auto';
  const say = () => {
    button.textContent = `◐ ${chosen()}`;
    button.setAttribute('aria-label', `Theme: ${chosen()}`);
  };
  button.addEventListener('click', () => {
    const next = names[(names.indexOf(chosen()) + 1) % names.length] ?? 'auto';
    if (next === 'auto') delete root.dataset['theme'];
    else root.dataset['theme'] = next;
    document.cookie = `crossbill_theme=${next}; path=/; max-age=31536000; samesite=lax`;
    say();
    document.dispatchEvent(new Event('crossbill:theme'));
  });
  say();
  button.hidden = false;
}
