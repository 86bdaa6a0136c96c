/** The mark: the two halves of a crossbill's bill, which cross. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path class="upper" d="M3 5c9 0 15 4 18 13-4-5-9-6.500-15-6z" />
      <path class="lower" d="M3 19c8 0 14-3 17-12-4 4.500-8 6-14 5.500z" />
    </svg>
  );
}
