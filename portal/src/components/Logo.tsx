/** A workpiece, the path around it, and the tool in the middle. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={`${size / 16}rem`} height={`${size / 16}rem`} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <path
        d="M32 6 54.500 19v26L32 58 9.500 45V19z"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="5"
        strokeLinejoin="round"
      />
      <path
        d="M32 19.500 43 25.800v12.400L32 44.500 21 38.200"
        fill="none"
        stroke="currentColor"
        strokeWidth="5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="32" cy="32" r="4.500" fill="currentColor" />
    </svg>
  );
}
