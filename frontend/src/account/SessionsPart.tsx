import { useLingui } from '@lingui/react/macro';
import { Section } from '../ui/Section';
import { Activity } from './Activity';
import { Sessions } from './Sessions';

export function SessionsPart() {
  const { t } = useLingui();
  return (
    <>
      <Section id="sessions" title={t`Where you are signed in`}>
        <Sessions />
      </Section>
      <Section id="activity" title={t`What happened lately`}>
        <Activity />
      </Section>
    </>
  );
}
