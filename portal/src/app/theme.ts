import { createTheme } from '@mantine/core';

/** Mantine gives behaviour (menus, dialogs, focus); colours and type are ours (styles/). */
export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--font)',
  defaultRadius: 'md',
  respectReducedMotion: true,
  cursorType: 'pointer',
});
