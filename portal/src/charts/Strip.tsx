import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import { inUnit, unitSign } from '../components/units';
import { useSignalName } from '../components/useSignalName';
import { plotOptions, type PlotLook } from './plot';
import { newestValue, type SignalSource } from './source';
import styles from './Strip.module.css';

interface StripProps {
  source: SignalSource;
  signal: string;
  unit: string;
  timeZone: string;
  /** Seconds shown, ending with the newest sample; null shows all there is. */
  windowS: number | null;
  last: boolean;
}

const HEIGHT_PX = 96;
const TIMES_PX = 26;

/** One signal over time. React draws the frame once; samples go to the canvas without it. */
export function Strip({ source, signal, unit, timeZone, windowS, last }: StripProps) {
  const { t, i18n } = useTranslation();
  const nameOf = useSignalName();
  const scheme = useComputedColorScheme('light');
  const box = useRef<HTMLDivElement>(null);
  const value = useRef<HTMLSpanElement>(null);
  const [width, setWidth] = useState(0);

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = box.current;
    if (element === null || width === 0) return undefined;
    const scale = rootScale();
    const height = (HEIGHT_PX + (last ? TIMES_PX : 0)) * scale;
    const look = lookOf(element, scale);
    const setup = { scale, width, height, look, locale: i18n.language, timeZone, sync: 'machine', withTimes: last, unit };
    const plot = new uPlot(plotOptions(setup), [[], []], element);
    const digits = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
    const stop = drawOnChange(source, () => {
      const [times, column] = source.view(signal);
      const to = times.at(-1) ?? Date.now() / 1000;
      plot.setData([times, column], false);
      plot.setScale('x', { min: windowS === null ? (times[0] ?? to - 1) : to - windowS, max: to });
      const newest = newestValue(column);
      element.dataset['empty'] = String(newest === null);
      if (value.current !== null) value.current.textContent = newest === null ? '–' : digits.format(inUnit(newest, unit));
    });
    return () => {
      stop();
      plot.destroy();
    };
  }, [source, signal, width, scheme, windowS, last, unit, timeZone, i18n.language]);

  return (
    <figure className={styles.strip} data-signal={signal}>
      <figcaption className={styles.caption} title={signal}>
        <span className={styles.name}>{nameOf(signal)}</span>
        <span className={styles.reading}>
          <span ref={value} className={styles.value} />
          <span className={styles.unit}>{unitSign(unit)}</span>
        </span>
      </figcaption>
      <div
        ref={box}
        className={styles.plot}
        data-last={last}
        role="img"
        aria-label={t('signals.chart', { signal: nameOf(signal) })}
        data-none={t('signals.empty')}
      />
    </figure>
  );
}

/** How much larger than 16 px the root font is: very large screens scale everything. */
const rootScale = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

function lookOf(element: HTMLElement, scale: number): PlotLook {
  const css = getComputedStyle(element);
  const color = (name: string) => css.getPropertyValue(name).trim();
  return {
    line: color('--accent'),
    grid: color('--line'),
    text: color('--ink-3'),
    font: `${11 * scale}px ${css.fontFamily}`,
  };
}

/** Draws at most once per frame, and never while nobody can see it. */
function drawOnChange(source: SignalSource, draw: () => void): () => void {
  let frame = 0;
  const schedule = () => {
    if (frame !== 0 || document.hidden) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  };
  const unsubscribe = source.subscribe(schedule);
  document.addEventListener('visibilitychange', schedule);
  schedule();
  return () => {
    cancelAnimationFrame(frame);
    unsubscribe();
    document.removeEventListener('visibilitychange', schedule);
  };
}
