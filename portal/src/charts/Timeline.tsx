import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { siteClock } from '../app/time';
import { useSpoken } from '../components/Times';
import { shares, timeMarks, type Stretch } from './timeline';
import styles from './Timeline.module.css';

interface TimelineProps {
  machine: string;
  line: readonly Stretch[];
  fromMs: number;
  toMs: number;
  timeZone: string;
}

const BAR_PX = 44;

/** States of a machine along a line of time; hovering a stretch tells what, when and for how long. */
export function Timeline({ machine, line, fromMs, toMs, timeZone }: TimelineProps) {
  const { t, i18n } = useTranslation();
  const say = useSpoken();
  const id = useId();
  const percent = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const list = new Intl.ListFormat(i18n.language, { type: 'unit' });
  const clock = (ms: number) => siteClock(ms, i18n.language, timeZone);
  const told = shares(line).map(({ state, share }) =>
    t('timeline.share', {
      state: state === 'OFFLINE' ? t('timeline.noData') : t(`state.${state}`),
      percent: percent.format(share * 100),
    }),
  );
  return (
    <svg className={styles.timeline} role="img" aria-labelledby={`${id}-title`} aria-describedby={`${id}-desc`}>
      <title id={`${id}-title`}>{t('timeline.line')}</title>
      <desc id={`${id}-desc`}>{t('timeline.describe', { machine, from: clock(fromMs), to: clock(toMs), shares: list.format(told) })}</desc>
      <defs>
        <pattern id={`${id}-hatch`} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect className={styles.hatchGround} width="8" height="8" />
          <rect className={styles.hatchLine} width="3" height="8" />
        </pattern>
      </defs>
      {line.map((stretch) => (
        <rect
          key={stretch.fromMs}
          className={styles.stretch}
          data-state={stretch.state}
          x={`${stretch.at * 100}%`}
          width={`${stretch.share * 100}%`}
          y="0"
          height={BAR_PX}
          fill={stretch.state === 'OFFLINE' ? `url(#${id}-hatch)` : undefined}
        >
          <title>
            {t('timeline.stretch', {
              state: t(`execution.${stretch.execution}`, stretch.execution),
              from: clock(stretch.fromMs),
              to: clock(stretch.toMs),
              length: say(stretch.toMs - stretch.fromMs),
            })}
          </title>
        </rect>
      ))}
      {timeMarks(fromMs, toMs).map(({ ms, at }) => (
        <g key={ms} className={styles.mark}>
          <line x1={`${at * 100}%`} x2={`${at * 100}%`} y1={BAR_PX} y2={BAR_PX + 6} />
          <text x={`${at * 100}%`} y={BAR_PX + 20} textAnchor="middle">
            {clock(ms)}
          </text>
        </g>
      ))}
    </svg>
  );
}
