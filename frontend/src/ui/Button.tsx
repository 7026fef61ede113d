import { type ButtonProps, Button as Pressable } from 'react-aria-components/Button';

const base =
  'inline-flex cursor-pointer items-center justify-center gap-2 rounded-control text-small font-medium ' +
  'transition-colors disabled:cursor-default disabled:opacity-50 data-pending:cursor-progress';

const looks = {
  primary: 'min-h-10 px-4 bg-accent text-on-accent hover:bg-accent-hover',
  plain: 'min-h-10 border border-line-strong px-4 text-ink hover:bg-sunken',
  danger: 'min-h-10 border border-danger px-4 text-danger hover:bg-danger-wash',
  quiet: 'min-h-8 px-1 text-accent underline-offset-4 hover:underline',
};

type Props = Omit<ButtonProps, 'className'> & { look?: keyof typeof looks; className?: string };

export function Button({ look = 'primary', className = '', ...props }: Props) {
  return <Pressable {...props} className={`${base} ${looks[look]} ${className}`} />;
}
