import { useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Section } from '../ui/Section';
import { DataExport } from './DataExport';
import { Deletion } from './Deletion';
import { me } from './queries';

export function DataPart() {
  const { t } = useLingui();
  const found = useQuery(me);
  return (
    <>
      <Section id="export" title={t`A copy of your data`}>
        <DataExport />
      </Section>
      <Section id="deletion" title={t`Delete the account`}>
        {found.data && <Deletion email={found.data.email} />}
      </Section>
    </>
  );
}
