/** A part of a whole as a line; the number stands beside it, so that nobody has to see it. */
export function Bar(props: { readonly part: number; readonly slot?: number }) {
  const width = Math.max(0, Math.min(100, props.part * 100));
  return (
    <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="6" />
      <rect class={`fill s${props.slot ?? 0}`} width={width.toFixed(2)} height="6" />
    </svg>
  );
}

/** A change as a line to the left or right of nothing. */
export function ChangeBar({ part }: { readonly part: number }) {
  const width = Math.min(50, Math.abs(part) * 50);
  return (
    <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect
        class={part > 0 ? 'more' : 'less'}
        x={(part > 0 ? 50 : 50 - width).toFixed(2)}
        width={width.toFixed(2)}
        height="6"
      />
      <rect class="axis" x="49.75" width="0.5" height="6" />
    </svg>
  );
}
