import { useTranslation } from 'react-i18next';
import { useSession } from '../../app/SessionContext';
import { usePageTitle } from '../../app/usePageTitle';
import { useViewer } from '../../app/useViewer';
import page from '../../components/page.module.css';
import { Panel } from '../../components/Panel';
import { useRoleNames } from '../../components/useRoleNames';
import styles from './AccountPage.module.css';
import { CompaniesPanel } from './CompaniesPanel';
import { FactorPanel } from './FactorPanel';
import { SessionsPanel } from './SessionsPanel';

/** Who you are here, your second factor, and where you are signed in. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('account.title'));
  const session = useSession();
  const names = useRoleNames();
  const { name, tenant, roles } = useViewer();
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('account.title')}</h1>
      </header>
      <Panel title={t('account.you')}>
        <dl className={styles.facts}>
          <dt>{t('account.name')}</dt>
          <dd>{name === '' ? session.email : name}</dd>
          <dt>{t('account.email')}</dt>
          <dd>{session.email}</dd>
          <dt>{t('account.company')}</dt>
          <dd>{tenant}</dd>
          <dt>{t('account.roles')}</dt>
          <dd>{roles.length === 0 ? t('roles.none') : names(roles)}</dd>
        </dl>
      </Panel>
      <CompaniesPanel />
      <FactorPanel />
      <SessionsPanel />
    </div>
  );
}
