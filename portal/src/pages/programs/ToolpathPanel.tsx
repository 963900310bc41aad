import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../components/Button';
import form from '../../components/form.module.css';
import { Notice, ProblemNotice, Waiting } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import table from '../../components/table.module.css';
import type { Problem } from '../../gql/problems';
import type { Colours, PathView, View } from './scene';
import { summarise, type Toolpath } from './toolpath';
import styles from './ToolpathPanel.module.css';

const VIEWS: readonly View[] = ['fit', 'top', 'front'];
const EVERY = 'every';

interface ToolpathPanelProps {
  path: Toolpath | undefined;
  problem: Problem | undefined;
  retry: () => void;
  marked: number | null;
  onMark: (line: number) => void;
}

/** Where the tool goes: a picture to turn, and the same in words. */
export function ToolpathPanel({ path, problem, retry, marked, onMark }: ToolpathPanelProps) {
  const { t } = useTranslation();
  return (
    <Panel title={t('toolpath.title')} note={path === undefined ? undefined : t('toolpath.note')}>
      {problem !== undefined ? <ProblemNotice problem={problem} retry={retry} /> : null}
      {path === undefined && problem === undefined ? <Waiting blocks={1} height="22rem" /> : null}
      {path === undefined ? null : path.runs.length === 0 ? (
        <Notice title={t('toolpath.none')}>{t('toolpath.noneTodo')}</Notice>
      ) : (
        <Picture path={path} marked={marked} onMark={onMark} />
      )}
    </Panel>
  );
}

interface PictureProps {
  path: Toolpath;
  marked: number | null;
  onMark: (line: number) => void;
}

function Picture({ path, marked, onMark }: PictureProps) {
  const { t } = useTranslation();
  const [tool, setTool] = useState(EVERY);
  const tools = useMemo(() => summarise(path), [path]);
  const { canvas, failed, look } = useScene(path, tool, marked, onMark);
  const nameOf = (number: number | null) => (number === null ? t('programs.noTool') : t('tile.toolNumber', { tool: number }));
  return (
    <div className={styles.body}>
      <div className={styles.bar}>
        <label className={styles.filter}>
          <span className="visually-hidden">{t('toolpath.filter')}</span>
          <select className={form.input} value={tool} onChange={(event) => setTool(event.target.value)}>
            <option value={EVERY}>{t('toolpath.everyTool')}</option>
            {tools.map((one) => (
              <option key={String(one.tool)} value={String(one.tool)}>
                {nameOf(one.tool)}
              </option>
            ))}
          </select>
        </label>
        <div className={form.actions} role="group" aria-label={t('toolpath.views')}>
          {VIEWS.map((view) => (
            <Button key={view} onClick={() => look(view)}>
              {t(`toolpath.view.${view}`)}
            </Button>
          ))}
        </div>
      </div>
      {failed ? (
        <Notice title={t('toolpath.noPicture')}>{t('toolpath.noPictureTodo')}</Notice>
      ) : (
        <canvas ref={canvas} className={styles.canvas} role="img" aria-label={t('toolpath.describe', { count: path.runs.length })} />
      )}
      <p className={styles.legend}>
        <span data-motion="cut">{t('toolpath.motion.cut')}</span>
        <span data-motion="rapid">{t('toolpath.motion.rapid')}</span>
        <span data-motion="probe">{t('toolpath.motion.probe')}</span>
        <span data-motion="marked">{t('toolpath.motion.marked')}</span>
      </p>
      {path.complete ? null : <p className={styles.cutOff}>{t('toolpath.cutOff')}</p>}
      <details className={styles.words}>
        <summary>{t('toolpath.words')}</summary>
        <Words path={path} nameOf={nameOf} />
      </details>
    </div>
  );
}

function Words({ path, nameOf }: { path: Toolpath; nameOf: (tool: number | null) => string }) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const mm = (value: number) => t('programs.mm', { value: number.format(value) });
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">{t('programs.tool')}</th>
          <th scope="col" className={table.number}>{t('programs.fromLine')}</th>
          <th scope="col" className={table.number}>{t('toolpath.motion.cut')}</th>
          <th scope="col" className={table.number}>{t('toolpath.motion.rapid')}</th>
          <th scope="col" className={table.number}>{t('programs.depth')}</th>
        </tr>
      </thead>
      <tbody>
        {summarise(path).map((one) => (
          <tr key={String(one.tool)}>
            <th scope="row">{nameOf(one.tool)}</th>
            <td className={table.number}>{one.firstLine}</td>
            <td className={table.number}>{mm(one.cutMm)}</td>
            <td className={table.number}>{mm(one.rapidMm)}</td>
            <td className={table.number}>{mm(one.lowestZMm)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function useScene(path: Toolpath, tool: string, marked: number | null, onMark: (line: number) => void) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [view, setView] = useState<PathView>();
  const [failed, setFailed] = useState(false);
  const pick = useRef(onMark);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    pick.current = onMark;
  }, [onMark]);
  useEffect(() => {
    let open: PathView | undefined;
    let wanted = true;
    import('./scene').then(
      ({ openScene }) => {
        if (!wanted || canvas.current === null) return;
        open = openScene(canvas.current, path, (line) => pick.current(line));
        setView(open);
      },
      () => undefined,
    ).catch(() => setFailed(true));
    return () => {
      wanted = false;
      open?.close();
      setView(undefined);
    };
  }, [path]);
  useEffect(() => view?.show(path.runs.filter((run) => tool === EVERY || String(run.tool) === tool)), [view, path, tool]);
  useEffect(() => view?.mark(marked), [view, marked]);
  useEffect(() => {
    if (view !== undefined && canvas.current !== null) view.paint(coloursOf(canvas.current));
  }, [view, scheme]);
  return { canvas, failed, look: (to: View) => view?.look(to) };
}

function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    cut: colour('--path-cut'),
    rapid: colour('--path-rapid'),
    probe: colour('--path-probe'),
    marked: colour('--path-marked'),
    ground: colour('--surface-2'),
  };
}
