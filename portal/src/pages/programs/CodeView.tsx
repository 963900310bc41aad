import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './CodeView.module.css';

const LINE_REM = 1.375;
const BEYOND = 20;
const PAGE = 20;

interface CodeViewProps {
  lines: readonly string[];
  marked: number | null;
  /** Lines with a remark, from 1, and how bad it is. */
  remarks: ReadonlyMap<number, string>;
  onMark: (line: number) => void;
}

/** A program with line numbers; only what is in sight is in the page, so that long ones scroll well. */
export function CodeView({ lines, marked, remarks, onMark }: CodeViewProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState({ first: 0, count: 60 });
  const linePx = () => LINE_REM * parseFloat(getComputedStyle(document.documentElement).fontSize);
  const settle = () => {
    const { scrollTop = 0, clientHeight = 600 } = box.current ?? {};
    const first = Math.max(0, Math.floor(scrollTop / linePx()) - BEYOND);
    setTop({ first, count: Math.ceil(clientHeight / linePx()) + 2 * BEYOND });
  };
  useEffect(settle, [lines]);
  useEffect(() => {
    const { scrollTop = 0, clientHeight = 0 } = box.current ?? {};
    if (marked === null || clientHeight === 0) return;
    const at = (marked - 1) * linePx();
    if (at < scrollTop || at > scrollTop + clientHeight - 2 * linePx()) box.current?.scrollTo({ top: at - clientHeight / 3 });
  }, [marked]);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE, Home: -lines.length, End: lines.length };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onMark(Math.min(lines.length, Math.max(1, (marked ?? 0) + step)));
  };
  const last = Math.min(lines.length, top.first + top.count);
  const inSight = marked !== null && marked > top.first && marked <= last;
  return (
    <div
      ref={box}
      className={styles.code}
      role="listbox"
      tabIndex={0}
      aria-label={t('programs.text')}
      aria-activedescendant={inSight ? `line-${marked}` : undefined}
      onScroll={settle}
      onKeyDown={onKeyDown}
    >
      <div className={styles.space} role="presentation" style={{ blockSize: `${lines.length * LINE_REM}rem` }}>
        <div className={styles.shown} role="presentation" style={{ insetBlockStart: `${top.first * LINE_REM}rem` }}>
          {lines.slice(top.first, last).map((text, index) => {
            const line = top.first + index + 1;
            return (
              <div
                key={line}
                id={`line-${line}`}
                className={styles.line}
                role="option"
                aria-selected={line === marked}
                aria-setsize={lines.length}
                aria-posinset={line}
                data-remark={remarks.get(line)}
                onClick={() => onMark(line)}
              >
                <span className={styles.number}>{line}</span>
                <span className={styles.text}>{text}</span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
