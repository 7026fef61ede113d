import type { ReactNode } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input, type InputProps } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextArea } from 'react-aria-components/TextArea';
import { TextField, type TextFieldProps } from 'react-aria-components/TextField';

export const control =
  'w-full min-h-10 rounded-control border border-line-strong bg-sheet px-3 py-1.5 text-body text-ink ' +
  'placeholder:text-soft data-invalid:border-danger focus:outline-2 focus:outline-accent focus:outline-offset-1';

export const labelStyle = 'mb-1 block text-small font-medium text-ink';

type Props = Omit<TextFieldProps, 'className' | 'children'> & {
  label: string;
  hint?: ReactNode;
  rows?: number;
  inputMode?: InputProps['inputMode'];
  placeholder?: string;
};

/** A labelled line of text, or several with `rows`. */
export function Field({ label, hint, rows, inputMode, placeholder = '', ...props }: Props) {
  return (
    <TextField {...props}>
      <Label className={labelStyle}>{label}</Label>
      {rows ? (
        <TextArea rows={rows} className={control} placeholder={placeholder} />
      ) : (
        <Input className={control} inputMode={inputMode} placeholder={placeholder} />
      )}
      {hint && (
        <Text slot="description" className="mt-1 block text-fine text-soft">
          {hint}
        </Text>
      )}
      <FieldError className="mt-1 block text-fine text-danger" />
    </TextField>
  );
}
