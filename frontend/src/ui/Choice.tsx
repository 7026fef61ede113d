import { useId } from 'react';
import { control, labelStyle } from './Field';

type Props<Value extends string> = {
  label: string;
  value: Value;
  options: { value: Value; label: string }[];
  onChange: (value: Value) => void;
  className?: string;
};

/** One of several. The platform's own list: it is what phones and keyboards handle best. */
export function Choice<Value extends string>({ label, value, options, onChange, className }: Props<Value>) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className={labelStyle}>
        {label}
      </label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value as Value)} className={control}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}
