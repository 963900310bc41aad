import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useViewer } from '../app/useViewer';
import form from './form.module.css';

/** The way to the wizard, for those who may use it. */
export function ConnectLink() {
  const { t } = useTranslation();
  const { may } = useViewer();
  if (!may('gateway.connect')) return null;
  return (
    <Link to="/connect" className={`${form.button} ${form.primary}`}>
      {t('connect.title')}
    </Link>
  );
}
