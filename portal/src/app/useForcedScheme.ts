import { useMantineColorScheme } from '@mantine/core';
import { useEffect } from 'react';

/** Shows this page in one scheme without changing what the person chose for the others. */
export function useForcedScheme(scheme: 'light' | 'dark'): void {
  const { colorScheme } = useMantineColorScheme();
  useEffect(() => {
    const root = document.documentElement;
    const before = root.getAttribute('data-mantine-color-scheme');
    root.setAttribute('data-mantine-color-scheme', scheme);
    return () => {
      if (before !== null) root.setAttribute('data-mantine-color-scheme', before);
    };
  }, [scheme, colorScheme]);
}
