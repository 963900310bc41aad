/** A call that was refused until somebody proves who they are: one question at a time, asked by `StepUpDialog`. */
import { useSyncExternalStore } from 'react';

interface Question {
  readonly answer: (shown: boolean) => void;
}

class StepUp {
  private question: Question | null = null;
  private readonly listeners = new Set<() => void>();

  readonly get = (): Question | null => this.question;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Whether proof was given. A second question while one is open is answered no. */
  ask(): Promise<boolean> {
    if (this.question !== null) return Promise.resolve(false);
    return new Promise((done) => {
      const answer = (shown: boolean) => {
        this.tell(null);
        done(shown);
      };
      this.tell({ answer });
    });
  }

  private tell(question: Question | null): void {
    this.question = question;
    for (const listener of this.listeners) listener();
  }
}

export const stepUp = new StepUp();

export const useStepUp = (): Question | null => useSyncExternalStore(stepUp.subscribe, stepUp.get);
