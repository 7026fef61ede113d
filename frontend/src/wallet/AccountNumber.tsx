import { useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { Button } from '../ui/Button';

/** The whole number, selectable, with a button that copies it. */
export function AccountNumber({ id }: { id: string }) {
  const { t } = useLingui();
  const [copied, setCopied] = useState<string | null>(null);
  // navigator.clipboard exists only on https and localhost; elsewhere the number can still be selected.
  const canCopy = 'clipboard' in navigator;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1">
      <code data-testid="account-number" className="select-all break-all font-mono text-fine text-ink">
        {id}
      </code>
      {canCopy && (
        <Button
          look="quiet"
          className="text-fine"
          onPress={() => void navigator.clipboard.writeText(id).then(() => setCopied(id))}
        >
          {copied === id ? t`Copied` : t`Copy`}
        </Button>
      )}
    </span>
  );
}
