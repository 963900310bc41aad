import { useTranslation } from 'react-i18next';
import { useNow } from '../app/now';
import { siteTime, spoken } from '../app/time';

const NOW_MS = 1_000;

/** Says a length of time in words. */
export function useSpoken(): (durationMs: number) => string {
  const { t } = useTranslation();
  return (durationMs) => {
    const { key, values } = spoken(durationMs);
    return t(key, values);
  };
}

/** The same for estimates and gaps: less than a second is told as its part, and never as «now». */
export function useDuration(): (durationMs: number) => string {
  const { t, i18n } = useTranslation();
  const say = useSpoken();
  return (durationMs) =>
    durationMs < NOW_MS
      ? t('time.seconds', { s: new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(durationMs / 1000) })
      : say(durationMs);
}

interface InstantProps {
  instant: string;
  timeZone: string;
  className?: string | undefined;
}

/** How long an instant has passed; the instant itself, in the site's time zone, on hover. */
export function Since({ instant, timeZone, className }: InstantProps) {
  const { i18n } = useTranslation();
  const say = useSpoken();
  const now = useNow();
  return (
    <time className={className} dateTime={instant} title={siteTime(instant, i18n.language, timeZone)}>
      {say(now - Date.parse(instant))}
    </time>
  );
}

/** The same as «12 min ago». */
export function Ago(props: InstantProps) {
  const { t, i18n } = useTranslation();
  const say = useSpoken();
  const passed = useNow() - Date.parse(props.instant);
  return (
    <time
      className={props.className}
      dateTime={props.instant}
      title={siteTime(props.instant, i18n.language, props.timeZone)}
    >
      {passed < NOW_MS ? t('time.justNow') : t('time.ago', { time: say(passed) })}
    </time>
  );
}
