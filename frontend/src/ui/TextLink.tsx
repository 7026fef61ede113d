import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef } from 'react';

/** A link to another view of the page, among words. */
export const TextLink = createLink((props: ComponentPropsWithRef<'a'>) => (
  <a {...props} className="text-accent underline underline-offset-4" />
));
