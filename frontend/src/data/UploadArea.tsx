import { Trans, useLingui } from '@lingui/react/macro';
import { useEffect, useState } from 'react';
import { DropZone } from 'react-aria-components/DropZone';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { Button } from '../ui/Button';
import { ProblemNote } from '../ui/Problem';
import { Progress } from '../ui/Progress';
import { UploadReport } from './UploadReport';
import { useIngestion, useUpload } from './upload';

const TYPES = ['.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'];

/** A place to drop a workbook on, or to choose one with; below it what becomes of it. */
export function UploadArea({ onDataset }: { onDataset: (id: string) => void }) {
  const { t } = useLingui();
  const { send, sent } = useUpload();
  const [fault, setFault] = useState<'type' | 'empty' | null>(null);
  const ingestion = useIngestion(send.data);
  const upload = ingestion.data;
  const datasetId = upload?.state === 'done' ? upload.dataset_id : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new dataset may change what is shown.
  useEffect(() => {
    if (datasetId) onDataset(datasetId);
  }, [datasetId]);

  const take = (file: File | null | undefined) => {
    if (!file) return;
    const found = file.size === 0 ? 'empty' : file.name.toLowerCase().endsWith('.xlsx') ? null : 'type';
    setFault(found);
    if (found) send.reset();
    else send.mutate(file);
  };
  return (
    <div className="grid gap-3">
      <DropZone
        aria-label={t`Upload a workbook`}
        onDrop={(event) => {
          const item = event.items.find((one) => one.kind === 'file');
          if (item) void item.getFile().then(take);
        }}
        className="grid justify-items-start gap-3 rounded-sheet border border-dashed border-line-strong px-5 py-5 data-drop-target:border-solid data-drop-target:border-accent data-drop-target:bg-accent-wash sm:flex sm:items-center sm:justify-between"
      >
        <p className="text-small">
          <span className="font-medium">
            <Trans>Drop an Excel workbook here</Trans>
          </span>
          <br />
          <span className="text-soft">
            <Trans>.xlsx, up to 100 MB</Trans>
          </span>
        </p>
        <FileTrigger acceptedFileTypes={TYPES} onSelect={(files) => take(files?.[0])}>
          <Button look="plain" isDisabled={send.isPending}>
            <Trans>Choose a file</Trans>
          </Button>
        </FileTrigger>
      </DropZone>
      {fault && (
        <p role="alert" className="text-small text-danger">
          {fault === 'type' ? (
            <Trans>This is not an .xlsx workbook. Save it as .xlsx and try again.</Trans>
          ) : (
            <Trans>This file is empty.</Trans>
          )}
        </p>
      )}
      {send.isPending && <Progress label={t`Sending ${send.variables.name}`} percent={sent} />}
      <ProblemNote error={send.error ?? ingestion.error} />
      {upload && <UploadReport upload={upload} />}
    </div>
  );
}
