import { useLingui } from '@lingui/react/macro';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { NumberField } from 'react-aria-components/NumberField';
import type { Account } from '../api/types';
import { control, labelStyle } from '../ui/Field';
import { moneyFormat } from './money';

type Props = { account: Account; value: number; onChange: (value: number) => void; autoFocus?: boolean };

/** An amount in the account's currency, typed or pasted the way the reader's language writes it. */
export function AmountField({ account, value, onChange, autoFocus = false }: Props) {
  const { t } = useLingui();
  return (
    <NumberField
      name="amount"
      value={value}
      onChange={onChange}
      minValue={10 ** -account.exponent}
      formatOptions={moneyFormat(account.currency, account.exponent)}
      isRequired
      isWheelDisabled
      autoFocus={autoFocus}
    >
      <Label className={labelStyle}>{t`Amount`}</Label>
      <Input className={`${control} figures`} />
      <FieldError className="mt-1 block text-fine text-danger" />
    </NumberField>
  );
}
