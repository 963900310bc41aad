import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { useNow } from '../../app/now';
import { ageMs } from '../../app/time';
import { usePageTitle } from '../../app/usePageTitle';
import { Failure, Notice, Waiting } from '../../components/Notice';
import { ConnectLink } from '../../components/ConnectLink';
import page from '../../components/page.module.css';
import { STALE_MS } from '../../components/states';
import table from '../../components/table.module.css';
import { Ago } from '../../components/Times';
import { Gateways } from '../../gql/operations';
import type { Gateway } from '../../gql/types';
import { usePolling } from '../../gql/usePolling';
import styles from './GatewaysPage.module.css';

const REFETCH_MS = 15_000;
const NONE = {};

/** The gateways of every site: heard from when, and running which configuration. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('gateways.title'));
  const [{ data, error }, refetch] = useQuery({ query: Gateways, variables: NONE });
  const reload = usePolling(refetch, REFETCH_MS);
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('gateways.title')}</h1>
        <ConnectLink />
      </header>
      {error !== undefined && data === undefined ? <Failure error={error} retry={reload} /> : null}
      {data === undefined && error === undefined ? <Waiting blocks={1} height="10rem" /> : null}
      {data?.gateways.length === 0 ? <Notice title={t('gateways.none')}>{t('gateways.noneTodo')}</Notice> : null}
      {data === undefined || data.gateways.length === 0 ? null : <GatewayTable gateways={data.gateways} />}
    </div>
  );
}

function GatewayTable({ gateways }: { gateways: readonly Gateway[] }) {
  const { t } = useTranslation();
  return (
    <div className={page.card}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('gateways.name')}</th>
            <th scope="col" className={table.minor}>
              {t('gateways.site')}
            </th>
            <th scope="col">{t('gateways.config')}</th>
            <th scope="col" className={table.number}>
              {t('gateways.lastSeen')}
            </th>
          </tr>
        </thead>
        <tbody>
          {gateways.map((gateway) => (
            <Row key={gateway.id} gateway={gateway} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation();
  const age = ageMs(gateway.lastSeen, useNow());
  const silent = age === null || age > STALE_MS;
  return (
    <tr>
      <th scope="row">
        {gateway.name}
        <span className={styles.id}>{gateway.id}</span>
      </th>
      <td className={table.minor}>{gateway.site.name}</td>
      <td>
        <Config wanted={gateway.configVersion} applied={gateway.appliedVersion} />
      </td>
      <td className={`${table.number} ${silent ? styles.silent : styles.heard}`}>
        {gateway.lastSeen === null ? (
          t('gateways.never')
        ) : (
          <Ago instant={gateway.lastSeen} timeZone={gateway.site.timeZone} />
        )}
      </td>
    </tr>
  );
}

function Config({ wanted, applied }: { wanted: number; applied: number | null }) {
  const { t } = useTranslation();
  if (applied === null) return <span className={styles.silent}>{t('gateways.unknown', { wanted })}</span>;
  if (applied === wanted) return <>{t('gateways.applied', { version: applied })}</>;
  return <span className={styles.silent}>{t('gateways.behind', { applied, wanted })}</span>;
}
