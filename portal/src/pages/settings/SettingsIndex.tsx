import { useTranslation } from 'react-i18next';
import { Navigate } from 'react-router';
import { useViewer } from '../../app/useViewer';
import { Notice, Waiting } from '../../components/Notice';
import { SECTIONS } from './sections';

/** The settings open at the first page that this person may see. */
export function Component() {
  const { t } = useTranslation();
  const { may, userId } = useViewer();
  const first = SECTIONS.find(({ permission }) => may(permission));
  if (userId === '') return <Waiting blocks={1} height="16rem" />;
  if (first === undefined) return <Notice title={t('settings.nothing')}>{t('settings.nothingTodo')}</Notice>;
  return <Navigate to={first.to} replace />;
}
