import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useCoarseNow } from '../../app/now';
import { useSession } from '../../app/SessionContext';
import { siteClock } from '../../app/time';
import { useForcedScheme } from '../../app/useForcedScheme';
import { usePageTitle } from '../../app/usePageTitle';
import { useViewer } from '../../app/useViewer';
import { Logo } from '../../components/Logo';
import { Failure, Notice } from '../../components/Notice';
import { firstAlarms, type Floor } from '../../floor/floor';
import { useFloor } from '../../floor/useFloor';
import { useLink } from '../../gql/link';
import { StateMix } from '../board/StateMix';
import { tvPage, tvPages } from './paging';
import { TvTile } from './TvTile';
import styles from './TvPage.module.css';

const PAGE_MS = 15_000;

/** The board for a screen on the wall: large, dark, nothing to touch, turns its pages by itself. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('tv.title'));
  useForcedScheme('dark');
  const { floor, alarms, error, reload } = useFloor();
  const alarmOf = useMemo(() => firstAlarms(alarms), [alarms]);
  const machines = useMemo(() => [...floor.values()], [floor]);
  const pages = tvPages(machines);
  const turn = useTurns(pages);
  const shown = tvPage(machines, turn);
  return (
    <main className={styles.tv}>
      <Head floor={floor} pages={pages} page={turn % pages} />
      {error !== undefined && floor.size === 0 ? <Failure error={error} retry={reload} /> : null}
      {error === undefined && floor.size === 0 ? <Notice title={t('loading')} /> : null}
      <ul className={styles.tiles} data-rows={rowsOf(shown.length)}>
        {shown.map((machine) => (
          <li key={machine.id}>
            <TvTile machine={machine} alarm={alarmOf.get(machine.id)} />
          </li>
        ))}
      </ul>
    </main>
  );
}

/** Fewer machines get larger tiles. */
const rowsOf = (tiles: number): string => (tiles <= 6 ? '2x3' : tiles <= 8 ? '2x4' : '3x4');

function useTurns(pages: number): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (pages < 2) return undefined;
    const timer = setInterval(() => setTurn((now) => now + 1), PAGE_MS);
    return () => clearInterval(timer);
  }, [pages]);
  return turn;
}

function Head({ floor, pages, page }: { floor: Floor; pages: number; page: number }) {
  const { t, i18n } = useTranslation();
  const { tenant } = useViewer();
  const { screen } = useSession();
  const link = useLink();
  const now = useCoarseNow(1000);
  const zone = [...floor.values()][0]?.site.timeZone ?? 'UTC';
  return (
    <header className={styles.head}>
      <h1 className={styles.tenant}>
        {screen === true ? (
          <span className={styles.home}>
            <Logo size={44} />
            <span>{tenant}</span>
          </span>
        ) : (
          <Link to="/" className={styles.home} title={t('tv.leave')}>
            <Logo size={44} />
            <span>{tenant}</span>
          </Link>
        )}
      </h1>
      <div className={styles.mix}>{floor.size === 0 ? null : <StateMix floor={floor} />}</div>
      {pages > 1 ? <p className={styles.page}>{t('tv.page', { page: page + 1, pages })}</p> : null}
      {link === 'live' ? null : <p className={styles.link}>{t(`bar.link.${link}`)}</p>}
      <p className={styles.clock}>{siteClock(now, i18n.language, zone)}</p>
    </header>
  );
}
