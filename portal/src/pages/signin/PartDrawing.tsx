import styles from './PartDrawing.module.css';

const HOLES = [0, 60, 120, 180, 240, 300].map((degrees) => {
  const angle = (degrees * Math.PI) / 180;
  return { degrees, x: 240 + 112 * Math.cos(angle), y: 240 + 112 * Math.sin(angle) };
});

/** A flange as a machinist draws it, with the path of the tool around it. Decoration. */
export function PartDrawing() {
  return (
    <svg className={styles.drawing} viewBox="0 0 480 480" aria-hidden="true" focusable="false">
      <g className={styles.axis}>
        <path d="M240 16v448M16 240h448" />
        <circle cx="240" cy="240" r="112" />
      </g>
      <g className={styles.part}>
        <circle cx="240" cy="240" r="160" />
        <circle cx="240" cy="240" r="62" />
        <circle cx="240" cy="240" r="48" />
        {HOLES.map(({ degrees, x, y }) => (
          <circle key={degrees} cx={x} cy={y} r="15" />
        ))}
      </g>
      <path className={styles.path} d="M60 400C96 348 62 300 62 240a178 178 0 1 1 178 178c-44 0-88-16-120-46" />
      <circle className={styles.tool} cx="120" cy="372" r="9" />
    </svg>
  );
}
