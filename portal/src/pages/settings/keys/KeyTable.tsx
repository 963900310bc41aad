import { useTranslation } from 'react-i18next';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import table from '../../../components/table.module.css';
import { Ago } from '../../../components/Times';
import { useWho } from '../../../rest/usePeople';
import styles from './keys.module.css';
import type { ApiKey } from './types';

interface KeyTableProps {
  keys: readonly ApiKey[];
  onRotate: (key: ApiKey) => void;
  onRevoke: (key: ApiKey) => void;
}

export function KeyTable({ keys, onRotate, onRevoke }: KeyTableProps) {
  const { t } = useTranslation();
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">{t('keys.name')}</th>
          <th scope="col" className={table.minor}>
            {t('keys.scopes')}
          </th>
          <th scope="col" className={table.minor}>
            {t('keys.lastUsed')}
          </th>
          <th scope="col">{t('keys.ends')}</th>
          <th scope="col">
            <span className={styles.unseen}>{t('keys.actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <Row key={key.id} apiKey={key} onRotate={onRotate} onRevoke={onRevoke} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ apiKey, onRotate, onRevoke }: { apiKey: ApiKey } & Omit<KeyTableProps, 'keys'>) {
  const { t, i18n } = useTranslation();
  const { timeZone } = useViewer();
  const who = useWho();
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeZone });
  const { name, prefix, scopes, createdBy, createdAt, endsAt, revokedAt, lastUsedAt, lives } = apiKey;
  const made = day.format(new Date(createdAt));
  return (
    <tr data-ended={!lives} className={styles.row}>
      <th scope="row">
        {name}
        <span className={styles.prefix}>{prefix === '' ? apiKey.id : `${prefix}…`}</span>
        <span className={styles.by}>
          {createdBy === '' ? t('keys.made', { made }) : t('keys.madeBy', { made, who: who(createdBy) })}
        </span>
      </th>
      <td className={table.minor}>{scopes.join(', ')}</td>
      <td className={table.minor}>{lastUsedAt === null ? t('keys.never') : <Ago instant={lastUsedAt} timeZone={timeZone} />}</td>
      <td>
        {revokedAt !== null
          ? t('keys.revokedOn', { day: day.format(new Date(revokedAt)) })
          : endsAt === null
            ? t('keys.endless')
            : lives
              ? day.format(new Date(endsAt))
              : t('keys.endedOn', { day: day.format(new Date(endsAt)) })}
      </td>
      <td>
        {lives ? (
          <div className={styles.actions}>
            <Button onClick={() => onRotate(apiKey)} aria-label={t('keys.rotateNamed', { name })}>
              {t('keys.rotate')}
            </Button>
            <Button onClick={() => onRevoke(apiKey)} aria-label={t('keys.revokeNamed', { name })}>
              {t('keys.revoke')}
            </Button>
          </div>
        ) : null}
      </td>
    </tr>
  );
}
