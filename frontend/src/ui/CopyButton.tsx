import { Trans } from '@lingui/react/macro';
import { useState } from 'react';
import { Button } from './Button';

/** Browsers let a page write to the clipboard only on https and localhost; elsewhere the text is marked by hand. */
export function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  if (!navigator.clipboard) return null;
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <Button look="plain" onPress={copy}>
      <span aria-live="polite">{copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}</span>
    </Button>
  );
}
