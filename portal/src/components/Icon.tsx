/** Line icons of one family: 24 units, 1.75 stroke, round joints. */
const PATHS = {
  board: 'M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z',
  machines: 'M4 20V5h10v15M14 9h6v11M2.500 20h19M7 9h4M7 13h4M17 13h.500',
  alarms: 'M6 17V11a6 6 0 0 1 12 0v6l1.500 2h-15zM10 21.500h4M12 2.500V5',
  changes: 'M4 6h9M4 12h6M4 18h9M15.500 9.500 18 7l2.500 2.500M18 7v10.500M15.500 15 18 17.500 20.500 15',
  account: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20.500a7.500 7.500 0 0 1 15 0',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 1 0 4 0 2 2 0 0 0-4 0M7 17a2 2 0 1 0 4 0 2 2 0 0 0-4 0',
  gateways: 'M3 13h18v7H3zM7 16.500h.500M11 16.500h6M12 13V9M8.500 6.500a5 5 0 0 1 7 0M6 4a8.500 8.500 0 0 1 12 0',
  tv: 'M3 5h18v12H3zM8 21h8M12 17v4',
  search: 'M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.300 15.300 20.500 20.500',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M4.500 4.500 6 6M18 18l1.500 1.500M2.500 12h2M19.500 12h2M4.500 19.500 6 18M18 6l1.500-1.500',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z',
  leave: 'M14 4H5v16h9M10 12h11M17.500 8.500 21 12l-3.500 3.500',
  close: 'M5 5l14 14M19 5 5 19',
  check: 'm4.500 12.500 5 5 10-11',
  chevron: 'm9 5 7 7-7 7',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={`${size / 16}rem`}
      height={`${size / 16}rem`}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
