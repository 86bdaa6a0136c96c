/** Where a login may lead to: a path of this agent, whatever `next` says. Anything else is the page. */
export function localPath(next: string | undefined): string {
  const isPath = next !== undefined && next.length <= 2_000 && /^\/(?![/\\])[!-[\]-~]*$/.test(next);
  if (!isPath || !URL.canParse(next, here)) return '/';
  const { origin, pathname, search } = new URL(next, here);
  if (origin !== here || pathname.startsWith('//')) return '/';
  return pathname === '/login' || pathname === '/logout' ? '/' : `${pathname}${search}`;
}

const here = 'http://crossbill.invalid';
