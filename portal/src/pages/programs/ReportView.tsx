import { useTranslation } from 'react-i18next';
import table from '../../components/table.module.css';
import { useDuration } from '../../components/Times';
import type { DryRun, ProgramReport, ToolUse } from '../../rest/types';
import { FindingsList } from './FindingsList';
import styles from './ReportView.module.css';

type Report = Pick<ProgramReport, 'findings' | 'tools' | 'time' | 'reach'> & Pick<DryRun, 'before_s'>;

interface ReportViewProps {
  report: Report;
  onMark?: ((line: number) => void) | undefined;
}

/** Time, reach and tools of a program, and what the check says of it. */
export function ReportView({ report, onMark }: ReportViewProps) {
  const { t } = useTranslation();
  return (
    <div className={styles.report}>
      <Times report={report} />
      <FindingsList findings={report.findings} onMark={onMark} />
      {report.tools.length === 0 ? null : <Tools report={report} onMark={onMark} />}
      <Reach reach={report.reach} />
      {report.time.error_sources.length === 0 ? null : (
        <details className={styles.limits}>
          <summary>{t('programs.limits')}</summary>
          <ul>
            {report.time.error_sources.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Times({ report: { time, before_s: before } }: { report: Report }) {
  const { t } = useTranslation();
  const say = useDuration();
  return (
    <dl className={styles.times}>
      <div>
        <dt>{t('programs.time')}</dt>
        <dd>{say(time.total_s * 1000)}</dd>
      </div>
      {before === undefined ? null : (
        <div>
          <dt>{t('programs.timeBefore')}</dt>
          <dd>{say(before * 1000)}</dd>
        </div>
      )}
      <div>
        <dt>{t('programs.stops')}</dt>
        <dd>{time.stops}</dd>
      </div>
      <div>
        <dt>{t('programs.unknownMoves')}</dt>
        <dd>{time.unknown_moves}</dd>
      </div>
    </dl>
  );
}

function Tools({ report, onMark }: ReportViewProps) {
  const { t, i18n } = useTranslation();
  const say = useDuration();
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 2 });
  const span = (pair: ToolUse['feeds'], unit: string) =>
    pair === null ? t('tile.none') : `${number.format(pair[0])}${pair[0] === pair[1] ? '' : ` – ${number.format(pair[1])}`} ${unit}`;
  const secondsOf = new Map(report.time.tools.map((part) => [part.tool, part.total_s]));
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('programs.tools')}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('programs.tool')}</th>
            <th scope="col" className={table.number}>{t('programs.toolTime')}</th>
            <th scope="col" className={table.number}>{t('programs.depth')}</th>
            <th scope="col" className={table.number}>{t('programs.feed')}</th>
            <th scope="col" className={table.number}>{t('programs.speed')}</th>
            <th scope="col" className={table.number}>{t('programs.fromLine')}</th>
          </tr>
        </thead>
        <tbody>
          {report.tools.map((use, index) => (
            <tr key={index}>
              <th scope="row">{use.tool === null ? t('programs.noTool') : t('tile.toolNumber', { tool: use.tool })}</th>
              <td className={table.number}>{say((secondsOf.get(use.tool) ?? 0) * 1000)}</td>
              <td className={table.number}>
                {use.lowest_z_mm === null ? t('tile.none') : t('programs.mm', { value: number.format(use.lowest_z_mm) })}
              </td>
              <td className={table.number}>{span(use.feeds, use.feed_unit)}</td>
              <td className={table.number}>{span(use.speeds, use.speed_unit)}</td>
              <td className={table.number}>
                {onMark === undefined ? (
                  use.first_line
                ) : (
                  <button type="button" className={styles.jump} onClick={() => onMark(use.first_line)}>
                    {use.first_line}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Reach({ reach }: { reach: ProgramReport['reach'] }) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 3 });
  return (
    <div className={styles.reach}>
      {Object.entries(reach.boxes).map(([work, box]) => (
        <p key={work}>
          <strong>{work}</strong>{' '}
          {Object.keys(box.low)
            .map((axis) => `${axis} ${number.format(box.low[axis] ?? 0)} … ${number.format(box.high[axis] ?? 0)}`)
            .join(', ')}
        </p>
      ))}
      {reach.outside.map((move, index) => (
        <p key={index} className={styles.outside}>
          {t('programs.outside', { line: move.line, axis: move.axis, at: number.format(move.at), limit: number.format(move.limit) })}
        </p>
      ))}
    </div>
  );
}
