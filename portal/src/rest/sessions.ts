/** What the routes of sessions, second factors and screens answer. */
export interface SessionRow {
  readonly id: string;
  readonly device: string;
  readonly address: string;
  readonly signedInAt: string;
  readonly seenAt: string;
  readonly endsAt: string;
  readonly factorShownAt: string | null;
  readonly current: boolean;
}

export interface CurrentSession extends SessionRow {
  readonly factor: {
    readonly due: boolean;
    readonly enrolled: boolean;
    readonly required: boolean;
    readonly phone: string;
    readonly recoveryCodesLeft: number;
  };
}

export interface FactorState {
  readonly enrolled: boolean;
  readonly replacing: boolean;
  readonly recoveryCodesLeft: number;
  readonly phone: string;
  readonly phoneWaits: boolean;
}

export interface ScreenRow {
  readonly id: string;
  readonly name: string;
  readonly siteId: string;
  readonly device: string;
  readonly address: string;
  readonly pairedBy: string;
  readonly pairedAt: string;
  readonly seenAt: string | null;
}

export interface WaitingScreen {
  readonly device: string;
  readonly address: string;
  readonly askedAt: string;
}
