/** Where the keyboard goes on when the element that had the focus disappears. */
export function focusOn(id: string): void {
  document.getElementById(id)?.focus({ preventScroll: true });
}
