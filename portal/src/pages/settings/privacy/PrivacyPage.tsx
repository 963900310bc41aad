import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../../../app/usePageTitle';
import { useViewer } from '../../../app/useViewer';
import { Waiting } from '../../../components/Notice';
import page from '../../../components/page.module.css';
import { ConsentsPanel } from './ConsentsPanel';
import { ErasurePanel } from './ErasurePanel';
import { ExportsPanel } from './ExportsPanel';
import { NamesPanel } from './NamesPanel';
import { RetentionPanel } from './RetentionPanel';
import { SharesPanel } from './SharesPanel';

/** My data for everybody; those of the company for who may take them along. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('privacy.title'));
  const { may, userId } = useViewer();
  if (userId === '') return <Waiting blocks={2} height="12rem" />;
  return (
    <div className={page.page}>
      <h1 className={page.title}>{t('privacy.title')}</h1>
      <ExportsPanel />
      <ConsentsPanel />
      {may('privacy.manage') ? <NamesPanel /> : null}
      {may('privacy.export') ? <SharesPanel /> : null}
      {may('privacy.manage') ? <RetentionPanel /> : null}
      <ErasurePanel />
    </div>
  );
}
