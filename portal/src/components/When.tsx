import { useTranslation } from 'react-i18next';
import { siteTime } from '../app/time';
import { useViewer } from '../app/useViewer';
import { Ago } from './Times';

/** Date and time at the site, and how long ago. */
export function When({ instant, className }: { instant: string; className?: string | undefined }) {
  const { i18n } = useTranslation();
  const { timeZone } = useViewer();
  return (
    <span className={className}>
      {siteTime(instant, i18n.language, timeZone)} (<Ago instant={instant} timeZone={timeZone} />)
    </span>
  );
}
