import { useTranslation } from 'react-i18next';
import styles from './StateBadge.module.css';
import type { State } from './states';

const GLYPHS: Readonly<Record<State, React.ReactNode>> = {
  ACTIVE: <path d="M4 2.5v11l9-5.500z" />,
  IDLE: <path d="M3.500 2.500h3.200v11H3.500zM9.300 2.500h3.200v11H9.300z" />,
  SETUP: (
    <path d="M9.600 1.500 9.900 3.200a5 5 0 0 1 1.300.750l1.650-.600 1.550 2.700-1.350 1.150a5 5 0 0 1 0 1.600l1.350 1.150-1.550 2.700-1.650-.600a5 5 0 0 1-1.300.750l-.300 1.700H6.400l-.300-1.700a5 5 0 0 1-1.300-.750l-1.650.600-1.550-2.700 1.350-1.150a5 5 0 0 1 0-1.600L1.600 6.050l1.550-2.700 1.650.600a5 5 0 0 1 1.300-.750l.300-1.700zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z" />
  ),
  ALARM: <path d="m3.700 2.300 4.300 4.300 4.300-4.300 1.400 1.400L9.400 8l4.300 4.300-1.400 1.400L8 9.400l-4.300 4.300-1.400-1.400L6.600 8 2.300 3.700z" />,
  BLOCKED: <path d="M12 2.500h2v11h-2zM1.500 7h6V3.500L11.500 8l-4 4.500V9h-6z" />,
  OFFLINE: (
    <path d="M6.900 9.900V9.300c0-1 .5-1.600 1.300-2.200.7-.5 1-.8 1-1.400 0-.7-.5-1.100-1.300-1.100-.8 0-1.300.5-1.400 1.300H4.400C4.500 4 5.800 2.700 8 2.700c2.100 0 3.500 1.100 3.500 2.900 0 1.200-.6 1.900-1.500 2.500-.8.500-1 .8-1 1.400v.4zm0 3.600v-2.300h2.200v2.300z" />
  ),
};

export function StateGlyph({ state }: { state: State }) {
  return (
    <svg className={styles.glyph} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {GLYPHS[state]}
    </svg>
  );
}

/** Colour, icon and word together: colour alone is never enough. */
export function StateBadge({ state, size = 'md' }: { state: State; size?: 'md' | 'lg' }) {
  const { t } = useTranslation();
  return (
    <span className={styles.badge} data-state={state} data-size={size}>
      <StateGlyph state={state} />
      {t(`state.${state}`)}
    </span>
  );
}
