/** What is a script's or a reader's own, and not the server's to change. */
function isOwn(element: Element): boolean {
  return element.tagName === 'FORM' || element.classList.contains('canvas');
}

const ownAttributes = ['open'];

/**
 * Makes `before` what `after` is with as few changes as can be, so that focus, scroll, opened details and half-written forms
 * stay. Elements with an id are the same element wherever they stand.
 */
export function morph(before: Element, after: Element): void {
  if (before.isEqualNode(after)) return;
  syncAttributes(before, after);
  if (isOwn(before)) return;
  let at = before.firstChild;
  for (const wanted of Array.from(after.childNodes)) {
    const found = partnerOf(before, at, wanted);
    if (found === undefined) {
      before.insertBefore(document.importNode(wanted, true), at);
      continue;
    }
    if (found === at) at = at.nextSibling;
    else before.insertBefore(found, at);
    if (found instanceof Element && wanted instanceof Element) morph(found, wanted);
    else if (found.nodeValue !== wanted.nodeValue) found.nodeValue = wanted.nodeValue;
  }
  while (at !== null) {
    const next = at.nextSibling;
    if (!(at instanceof Element && at.classList.contains('canvas'))) at.remove();
    at = next;
  }
}

/** The node that stands for the wanted one: by id, or the next one of its kind that has none. */
function partnerOf(parent: Element, at: ChildNode | null, wanted: Node): ChildNode | undefined {
  if (wanted instanceof Element && wanted.id !== '') {
    const known = [...parent.children].find(({ id }) => id === wanted.id);
    return known !== undefined && isSameKind(known, wanted) ? known : undefined;
  }
  if (at === null || !isSameKind(at, wanted)) return undefined;
  return at instanceof Element && at.id !== '' ? undefined : at;
}

function isSameKind(a: Node, b: Node): boolean {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName;
}

function syncAttributes(before: Element, after: Element): void {
  for (const { name, value } of after.attributes) {
    if (ownAttributes.includes(name)) continue;
    if (before.getAttribute(name) !== value) before.setAttribute(name, value);
  }
  for (const { name } of Array.from(before.attributes)) {
    if (!after.hasAttribute(name) && !ownAttributes.includes(name)) before.removeAttribute(name);
  }
}
