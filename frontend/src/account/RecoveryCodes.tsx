import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '../ui/Button';
import { CopyButton } from '../ui/CopyButton';

/** Shown once. */
export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const { t } = useLingui();
  const text = `${codes.join('\n')}\n`;
  return (
    <div className="grid justify-items-start gap-4">
      <p role="status">
        <Trans>
          Keep these codes where you keep important papers. Each lets you in once if the phone is lost. They are shown
          only now.
        </Trans>
      </p>
      <ul aria-label={t`Recovery codes`} className="figures grid grid-cols-2 gap-x-8 gap-y-1 font-mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-3">
        <CopyButton text={text} />
        <Button look="plain" onPress={() => download(text)}>
          <Trans>Download</Trans>
        </Button>
        <Button onPress={onKept}>
          <Trans>I have kept them</Trans>
        </Button>
      </div>
    </div>
  );
}

function download(text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = Object.assign(document.createElement('a'), { href: address, download: 'artel-recovery-codes.txt' });
  link.click();
  URL.revokeObjectURL(address);
}
