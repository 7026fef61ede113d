import { useLingui } from '@lingui/react/macro';
import { Bar, BarChart, CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { Point } from './series';

type Props = { points: Point[]; isTime: boolean; title: string };

/** More points than this along time are easier to follow as a line. */
const MOST_BARS = 31;

export default function Chart({ points, isTime, title }: Props) {
  const { i18n } = useLingui();
  const short = new Intl.NumberFormat(i18n.locale, { notation: 'compact', maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat(i18n.locale, { maximumFractionDigits: 2 });
  const format = { short: (value: number) => short.format(value), whole: (value: number) => whole.format(value) };
  const shared = { points, title, format };
  const height = isTime ? 288 : Math.max(160, points.length * 34 + 40);
  return (
    <div style={{ height }} className="min-w-0 text-fine">
      <ResponsiveContainer width="100%" height="100%">
        {isTime ? (points.length > MOST_BARS ? Lines(shared) : Columns(shared)) : Rows(shared)}
      </ResponsiveContainer>
    </div>
  );
}

type Drawn = { points: Point[]; title: string; format: Record<'short' | 'whole', (value: number) => string> };

const ink = { fill: 'var(--soft)', fontSize: 13 };
const grid = <CartesianGrid stroke="var(--line)" vertical={false} />;
const margin = { top: 8, right: 8, bottom: 0, left: 0 };

function hint(title: string, format: Drawn['format']) {
  return (
    <Tooltip
      formatter={(value) => [format.whole(Number(value)), title]}
      cursor={{ fill: 'var(--sunken)', stroke: 'var(--line-strong)' }}
      contentStyle={{ background: 'var(--sheet)', border: '1px solid var(--line-strong)', borderRadius: 6 }}
      itemStyle={{ color: 'var(--ink)' }}
      isAnimationActive={false}
    />
  );
}

function Columns({ points, title, format }: Drawn) {
  return (
    <BarChart data={points} margin={margin} title={title}>
      {grid}
      <XAxis dataKey="label" tick={ink} tickLine={false} stroke="var(--line-strong)" minTickGap={16} />
      <YAxis tick={ink} tickFormatter={format.short} axisLine={false} tickLine={false} width={56} />
      {hint(title, format)}
      <Bar
        dataKey="value"
        name={title}
        fill="var(--accent)"
        radius={[3, 3, 0, 0]}
        maxBarSize={56}
        isAnimationActive={false}
      />
    </BarChart>
  );
}

function Lines({ points, title, format }: Drawn) {
  return (
    <LineChart data={points} margin={margin} title={title}>
      {grid}
      <XAxis dataKey="label" tick={ink} tickLine={false} stroke="var(--line-strong)" minTickGap={28} />
      <YAxis tick={ink} tickFormatter={format.short} axisLine={false} tickLine={false} width={56} />
      {hint(title, format)}
      <Line dataKey="value" name={title} stroke="var(--accent)" strokeWidth={2} dot={false} isAnimationActive={false} />
    </LineChart>
  );
}

/** Groups lie on their side, so that long names can be read. */
function Rows({ points, title, format }: Drawn) {
  return (
    <BarChart data={points} layout="vertical" margin={margin} title={title}>
      <XAxis type="number" tick={ink} tickFormatter={format.short} axisLine={false} tickLine={false} />
      <YAxis type="category" dataKey="label" tick={ink} tickLine={false} stroke="var(--line-strong)" width={116} />
      {hint(title, format)}
      <Bar
        dataKey="value"
        name={title}
        fill="var(--accent)"
        radius={[0, 3, 3, 0]}
        maxBarSize={22}
        isAnimationActive={false}
      />
    </BarChart>
  );
}
