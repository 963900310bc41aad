import { useTranslation } from 'react-i18next';
import { Panel } from '../../components/Panel';
import { When } from '../../components/When';
import { useWho } from '../../rest/usePeople';
import type { Change } from '../../rest/types';
import { stepsOf } from './gate';
import styles from './StepsPanel.module.css';

const SIGNS = { done: '✓', now: '•', later: '', failed: '✕' } as const;

/** The way through the gate: who did what, when, and what comes next. */
export function StepsPanel({ change }: { change: Change }) {
  const { t } = useTranslation();
  const who = useWho();
  return (
    <Panel title={t('changes.way')}>
      <ol className={styles.steps}>
        {stepsOf(change).map((step) => (
          <li key={step.key} className={styles.step} data-state={step.state} aria-current={step.state === 'now' ? 'step' : undefined}>
            <span className={styles.mark} aria-hidden="true">
              {SIGNS[step.state]}
            </span>
            <div>
              <p className={styles.name}>
                {t(`changes.step.${step.key}`)}
                <span className="visually-hidden"> {t(`changes.stepState.${step.state}`)}</span>
              </p>
              {step.by === '' && step.at === null ? null : (
                <p className={styles.by}>
                  {step.by === '' ? null : who(step.by)} {step.at === null ? null : <When instant={step.at} />}
                </p>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
