import { useId, type ReactNode } from 'react';
import styles from './Popover.module.css';

interface PopoverProps {
  className: string | undefined;
  button: ReactNode;
  children: ReactNode;
}

/** A button and what it opens. The browser places it, closes it on Escape or a click elsewhere, and keeps the focus. */
export function Popover({ className, button, children }: PopoverProps) {
  const id = useId();
  return (
    <>
      <button type="button" className={className} popoverTarget={id}>
        {button}
      </button>
      <div id={id} popover="auto" className={styles.popover}>
        {children}
      </div>
    </>
  );
}
