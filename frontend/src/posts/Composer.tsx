import { Trans, useLingui } from '@lingui/react/macro';
import { useId, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { focusOn } from '../ui/focus';
import { fieldErrors, textsOf } from '../ui/form';
import { ProblemNote } from '../ui/Problem';
import { usePublish } from './queries';

/** Starts as one line; the rest of the form appears when somebody begins to write. */
export default function Composer() {
  const { t } = useLingui();
  const news = useId();
  const [started, setStarted] = useState(false);
  const publish = usePublish();
  return (
    <Form
      aria-label={t`New post`}
      className="mb-10 grid gap-4"
      validationErrors={fieldErrors(publish.error)}
      onSubmit={(event) => {
        const form = event.currentTarget;
        const { title, body, tags } = textsOf(event, 'title', 'body', 'tags');
        const forget = () => {
          form.reset();
          setStarted(false);
          focusOn(news);
        };
        publish.mutate({ title: title.trim(), body, tags: tagsOf(tags) }, { onSuccess: forget });
      }}
    >
      <Field
        label={t`Title of a new post`}
        name="title"
        isRequired
        maxLength={200}
        onFocus={() => setStarted(true)}
        placeholder={t`What is there to tell?`}
      />
      {started && (
        <>
          <Field label={t`Text`} name="body" isRequired rows={6} hint={t`Markdown works: **bold**, lists, links.`} />
          <Field label={t`Tags`} name="tags" placeholder={t`Optional, with commas between`} autoComplete="off" />
          <ProblemNote error={publish.error} />
          <div className="flex gap-2">
            <Button type="submit" isPending={publish.isPending}>
              <Trans>Publish</Trans>
            </Button>
            <Button look="quiet" onPress={() => setStarted(false)}>
              <Trans>Not now</Trans>
            </Button>
          </div>
        </>
      )}
      <p id={news} role="status" tabIndex={-1} className="text-small text-accent outline-none">
        {publish.isSuccess && !started && t`Published.`}
      </p>
    </Form>
  );
}

/** 'Bread, #rye flour' -> ['Bread', 'rye flour'] */
function tagsOf(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim().replace(/^#/, ''));
  return [...new Set(tags.filter(Boolean))];
}
