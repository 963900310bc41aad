import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useQuery } from 'urql';
import { SimBadge } from '../components/SimBadge';
import { StateBadge } from '../components/StateBadge';
import { toState } from '../components/states';
import { Board } from '../gql/operations';
import styles from './Palette.module.css';

type PageKey = 'board' | 'machines' | 'alarms' | 'changes' | 'newChange' | 'connect' | 'account' | 'gateways' | 'tv';

const VARIABLES = {};
const SHOWN = 8;

interface Target {
  readonly id: string;
  readonly to: string;
  readonly name: string;
  readonly cell: string;
  readonly tileState: string | null;
  readonly simulated: boolean;
}

/** Type a few letters, Enter: the machine or page. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const found = useTargets(text);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const current = found[Math.min(at, found.length - 1)];

  const go = (target: Target | undefined) => {
    if (target === undefined) return;
    onClose();
    void navigate(target.to);
  };
  /** A click beside the dialog lands on the dialog element itself. */
  const leave = (event: MouseEvent) => {
    if (event.target === dialog.current) onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((now) => (Math.min(now, found.length - 1) + step + found.length) % Math.max(1, found.length));
    }
    if (event.key === 'Enter') go(current);
  };

  return (
    <dialog ref={dialog} className={styles.dialog} aria-label={t('palette.title')} onClose={onClose} onClick={leave}>
      <input
        className={styles.input}
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={current === undefined ? undefined : `palette-${current.id}`}
        aria-label={t('palette.placeholder')}
        placeholder={t('palette.placeholder')}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      {found.length === 0 ? <p className={styles.none}>{t('palette.none', { text })}</p> : null}
      <ul id="palette-list" className={styles.list} role="listbox" aria-label={t('palette.title')}>
        {found.map((target) => (
          <li
            key={target.id}
            id={`palette-${target.id}`}
            role="option"
            aria-selected={target === current}
            className={styles.option}
            onClick={() => go(target)}
          >
            <span className={styles.name}>{target.name}</span>
            <span className={styles.cell}>{target.cell}</span>
            {target.simulated ? <SimBadge /> : null}
            {target.tileState === null ? null : <StateBadge state={toState(target.tileState)} />}
          </li>
        ))}
      </ul>
    </dialog>
  );
}

function useTargets(text: string): readonly Target[] {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: Board, variables: VARIABLES, requestPolicy: 'cache-first' });
  return useMemo(() => {
    const page = (id: PageKey, to: string, name = t(`nav.${id}`)): Target => ({
      id,
      to,
      name,
      cell: t('palette.pages'),
      tileState: null,
      simulated: false,
    });
    const pages = [
      page('board', '/'),
      page('machines', '/machines'),
      page('alarms', '/alarms'),
      page('changes', '/changes'),
      page('newChange', '/changes/new', t('changes.new')),
      page('connect', '/connect', t('connect.title')),
      page('account', '/account', t('account.title')),
      page('gateways', '/gateways'),
      page('tv', '/tv'),
    ];
    const machines = (data?.machines ?? []).map((machine) => ({ ...machine, to: `/machines/${machine.id}` }));
    const libraries = (data?.machines ?? []).map(
      ({ id, name, simulated }): Target => ({
        id: `${id}-programs`,
        to: `/machines/${id}/programs`,
        name: t('programs.of', { machine: name }),
        cell: t('palette.pages'),
        tileState: null,
        simulated,
      }),
    );
    const words = text.trim().toLocaleLowerCase().split(/\s+/);
    const matches = ({ name, cell }: Target) => {
      const told = `${name} ${cell}`.toLocaleLowerCase();
      return words.every((word) => told.includes(word));
    };
    const found = [...machines, ...pages].filter(matches);
    // «programs mill»: libraries are found by their word; a machine's name alone means the machine.
    return (found.length > 0 ? found : libraries.filter(matches)).slice(0, SHOWN);
  }, [data, text, t]);
}
