import { useTranslation } from 'react-i18next';
import { Panel } from '../../../components/Panel';
import table from '../../../components/table.module.css';
import { When } from '../../../components/When';
import { useAsk } from '../../../rest/useRest';
import styles from './privacy.module.css';
import { span, type RetentionClass } from './types';

/** What is kept how long, and what the last run of the job found. */
export function RetentionPanel() {
  const { t } = useTranslation();
  const { data } = useAsk<{ at: string | null; classes: RetentionClass[] }>('/privacy/retention');
  if (data === undefined) return null;
  return (
    <Panel title={t('privacy.retention')} note={data.at === null ? t('privacy.neverRan') : <When instant={data.at} />} flush>
      <div className={styles.wide} tabIndex={0} role="region" aria-label={t('privacy.table', { what: t('privacy.retention') })}>
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">{t('privacy.what')}</th>
              <th scope="col">{t('privacy.kept')}</th>
              <th scope="col">{t('privacy.held')}</th>
              <th scope="col">{t('privacy.removed')}</th>
            </tr>
          </thead>
          <tbody>
            {data.classes.map((one) => {
              const { key, count } = span(one);
              return (
                <tr key={one.name}>
                  <th scope="row">{one.what}</th>
                  <td>{count === undefined ? t(key) : t(key, { count })}</td>
                  <td>{one.held ?? ''}</td>
                  <td>{one.removed === 0 ? '' : one.removed}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
