import type { ButtonHTMLAttributes } from 'react';
import form from './form.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: 'plain' | 'primary' | 'stop';
}

export function Button({ tone = 'plain', type = 'button', ...rest }: ButtonProps) {
  const look = tone === 'plain' ? form.button : `${form.button} ${form[tone]}`;
  return <button type={type} className={look} {...rest} />;
}
